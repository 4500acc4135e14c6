// A Node.js app with a sidecar, by curl in another pod and by the host's port.

import { replaced, type Asked, type Program } from "./program.ts";

interface Answer {
  readonly greeting: string;
  readonly visits: number;
  readonly pod: string;
}

const visit = async ({ node, ip }: Asked): Promise<Answer> =>
  JSON.parse(await node.client("curl", "-sSf", `http://${ip}:8080/`)) as Answer;

let visits = 0;

export const nodejs: Program = {
  name: "nodejs",
  replaces: true,
  async first(asked) {
    const { t, node } = asked;
    t.strictSame(await visit(asked), { greeting: "hello", visits: 1, pod: "nodejs" });
    visits = (await visit(asked)).visits;
    t.equal(visits, 2);
    t.match(
      await node.answer("nodejs", "visit 2", () => node.log("nodejs", "log-shipper")),
      /^listening, greeting hello\nvisit 1 from \S+\nvisit 2 from \S+\n$/,
      "the sidecar sends the app's log",
    );
  },
  async alone({ t, node }) {
    const answer = (await (await fetch(`http://127.0.0.1:${node.hostPort(18_083)}/`)).json()) as Answer;
    visits = answer.visits;
    t.match(answer, { visits: Number, pod: "nodejs" });
  },
  async again(asked) {
    const answer = await visit(asked);
    asked.t.equal(answer.visits, ++visits);
  },
  edit: (manifest) => replaced(manifest, ["{name: GREETING, value: hello}", "{name: GREETING, value: good day}"]),
  async edited(asked) {
    const { t } = asked;
    t.strictSame(await visit(asked), { greeting: "good day", visits: ++visits, pod: "nodejs" });
  },
};
