import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { test } from "tap";
import type { Test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { describeError } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import type { SourceChange } from "../../../agent/sources/source.ts";
import { UrlSource } from "../../../agent/sources/url.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: Test, answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.teardown(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const pod = (name: string): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name } });

class Follower {
  readonly clock = new ManualClock();
  readonly changes: SourceChange[] = [];
  readonly source: UrlSource;

  constructor(t: Test, url: string, headers: [string, string][] = []) {
    this.source = new UrlSource({ url, headers, clock: this.clock, log: silentLogger });
    t.teardown(() => this.source[Symbol.asyncDispose]());
  }

  async start(known: string[] = []): Promise<void> {
    await this.source.start((change) => this.changes.push(change), known);
  }

  /** Names of pods, objects and problems of the last change. */
  get last(): string[] {
    const content = this.changes.at(-1)?.changed[0];
    return [
      ...(content?.documents ?? []).map(({ value }) => (value as { metadata: { name: string } }).metadata.name),
      ...(content?.objects ?? []).map(({ kind }) => kind),
      ...(content?.problems ?? []).map((problem) => describeError(problem)),
    ];
  }
}

test("follows what the address says", async (t) => {
  let body = JSON.stringify(pod("a"));
  let status = 200;
  let asked = 0;
  const url = await serve(t, (_request, response) => {
    asked++;
    response.writeHead(status).end(body);
  });
  const follower = new Follower(t, `${url}/pods`);
  await follower.start(["http://elsewhere/"]);
  t.strictSame(follower.last, ["a"]);
  t.strictSame(follower.changes[0]?.removed, ["http://elsewhere/"]);
  const next = async (): Promise<void> => {
    const before = asked;
    const changes = follower.changes.length;
    while (asked === before) await follower.clock.advance(20_000);
    // Either something is told, or the next look is waited for.
    for (let turn = 0; turn < 200 && follower.changes.length === changes; turn++)
      await new Promise((done) => setTimeout(done, 1));
  };
  await next();
  t.equal(follower.changes.length, 1, "the same again tells nothing");
  body = JSON.stringify({ apiVersion: "v1", kind: "PodList", items: [{ metadata: { name: "b" } }, pod("c")] });
  await next();
  t.strictSame(follower.last, ["b", "c"]);
  body = `apiVersion: v1\nkind: Pod\nmetadata: {name: d}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n`;
  await next();
  t.strictSame(follower.last, ["d", "Secret"]);
  status = 500;
  await next();
  t.match(follower.last, [/^http:.*\/pods: The manifests cannot be read: The server answers 500/]);
  status = 200;
  body = "";
  await next();
  t.strictSame(follower.last, [], "an empty answer ends the pods");
  body = "{";
  await next();
  t.match(follower.last, [/Not valid YAML/]);
});

test("headers and the user go to the first origin only", async (t) => {
  const seen: string[] = [];
  const note = (where: string, { headers }: IncomingMessage): void =>
    void seen.push(`${where} ${String(headers["x-key"])} ${String(headers.authorization)}`);
  const other = await serve(t, (request, response) => {
    note("other", request);
    response.end(JSON.stringify(pod("p")));
  });
  const url = await serve(t, (request, response) => {
    note(request.url ?? "", request);
    const location = request.url === "/one" ? "/two" : `${other}/`;
    response.writeHead(302, { location }).end();
  });
  const follower = new Follower(t, `${url.replace("//", "//me:pw@")}/one`, [["X-Key", "k"]]);
  t.notMatch(follower.source.origin, /pw/);
  await follower.start();
  t.strictSame(follower.last, ["p"]);
  t.match(seen, [/^\/one k Basic/, /^\/two k/, /^other undefined undefined/]);
});

test("a server that is away, or sends too much, is a problem that is told", async (t) => {
  const gone = new Follower(t, "http://127.0.0.1:1/");
  await gone.start();
  t.match(gone.last, [/ECONNREFUSED/]);
  const url = await serve(t, (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    const more = (error?: Error | null): void => {
      if (error === undefined || error === null) response.write(chunk, more);
    };
    response.on("error", () => undefined);
    more();
  });
  const big = new Follower(t, url);
  await big.start();
  t.match(big.last, [/more than 16777216 bytes/]);
});
