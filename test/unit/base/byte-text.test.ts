// Names of any bytes as text and back.

import { test } from "tap";
import { bytesOfText, decodeBytes, encodeBytes } from "../../../agent/base/byte-text.ts";

test("text stays text", (t) => {
  for (const text of ["", "plain", "ünï", "日本", "😀", "a\ufffdb", "\uffff"]) {
    t.equal(decodeBytes(Buffer.from(text)), text);
    t.strictSame(encodeBytes(text), Buffer.from(text));
    t.equal(bytesOfText(text), Buffer.byteLength(text));
  }
  t.end();
});

test("bytes that are no text survive", (t) => {
  const names = [
    "ff",
    "61ff62",
    "c3", // cut character
    "c328", // wrong follower
    "c0af", // overlong slash
    "eda080", // surrogate
    "f4908080", // beyond U+10FFFF
    "f09f98", // cut after three of four
    "e2 82 41 e2 82 ac ff f0 9f 98 80 80",
    "efbfbd ff", // a real U+FFFD beside a wrong byte
    "f09f9880 b0 80", // escaped bytes after a surrogate pair
  ];
  for (const hex of names) {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const text = decodeBytes(bytes);
    t.notOk(text.isWellFormed(), hex);
    t.strictSame(encodeBytes(text), bytes, hex);
    t.equal(bytesOfText(text), bytes.length, hex);
    t.notOk(/[/.\0]/.test(text), `${hex} hides no separator`);
    t.equal(decodeBytes(Buffer.concat([Buffer.from("xx"), bytes, Buffer.from("yy")]), 2, 2 + bytes.length), text);
  }
  t.end();
});

test("every pair of bytes, alone and between letters", (t) => {
  let wrong = 0;
  for (let first = 0x80; first < 0x100; first++) {
    for (let second = 0; second < 0x100; second++) {
      for (const bytes of [Buffer.of(first, second), Buffer.of(0x61, second, first, 0x62)]) {
        if (!encodeBytes(decodeBytes(bytes)).equals(bytes) || bytesOfText(decodeBytes(bytes)) !== bytes.length) wrong++;
      }
    }
  }
  t.equal(wrong, 0);
  t.end();
});
