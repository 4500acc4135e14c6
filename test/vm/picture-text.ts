/** Lines that only one of two texts has, as often as it has them more: "left behind: ..." and "gone: ...". */
export function comparePictureTexts(before: string, after: string): string[] {
  return [
    ...surplus(after, before).map((line) => `left behind: ${line}`),
    ...surplus(before, after).map((line) => `gone: ${line}`),
  ];
}

function surplus(text: string, other: string): string[] {
  const known = new Map<string, number>();
  for (const line of other.split("\n")) known.set(line, (known.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const count = known.get(line) ?? 0;
    known.set(line, count - 1);
    return count <= 0;
  });
}
