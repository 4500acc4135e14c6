// `WWW-Authenticate` as registries send it (RFC 9110, section 11.6.1). Pure.

export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const SPACE = /[ \t]*/y;

/** The challenges of all such headers, joined by commas. What cannot be read ends the list. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const text = header ?? "";
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const commas = (): void => {
    for (take(SPACE); text[at] === ","; take(SPACE)) at++;
  };

  for (commas(); at < text.length; commas()) {
    const scheme = take(TOKEN).toLowerCase();
    if (scheme === "") break;
    const parameters: Record<string, string> = {};
    for (;;) {
      const before = at;
      commas();
      const name = take(TOKEN).toLowerCase();
      take(SPACE);
      if (name === "" || text[at] !== "=") {
        at = before; // the next challenge, or a token68, which nobody sends
        break;
      }
      at++;
      take(SPACE);
      const value = text[at] === '"' ? takeQuoted() : take(TOKEN);
      if (value === undefined) return challenges;
      if (!Object.hasOwn(parameters, name)) parameters[name] = value;
    }
    challenges.push({ scheme, parameters });
    take(SPACE);
    if (at < text.length && text[at] !== ",") break;
  }
  return challenges;

  function takeQuoted(): string | undefined {
    let value = "";
    for (at++; at < text.length; at++) {
      const character = text[at];
      if (character === '"') {
        at++;
        return value;
      }
      if (character === "\\") at++;
      value += text[at] ?? "";
    }
    return undefined;
  }
}
