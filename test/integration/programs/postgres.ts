// PostgreSQL, by psql in another pod, with a password, by its socket in its own, and by the host's port.

import { once } from "node:events";
import { connect } from "node:net";

import { replaced, type Asked, type Program } from "./program.ts";

const sql = ({ node, ip }: Asked, statement: string): Promise<string> =>
  node.client("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, `postgresql://app:please-change-me@${ip}/app`);

/** What PostgreSQL answers who asks for TLS: one letter. */
async function offersTls(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])); // SSLRequest: length, 80877103
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}

export const postgres: Program = {
  name: "postgres",
  replaces: true,
  async first(asked) {
    const { t, node, ip } = asked;
    await t.rejects(node.client("psql", "-c", "select 1", `postgresql://app:wrong@${ip}/app`), {
      message: /password authentication failed/,
    });
    await sql(asked, "create table visits (id int generated always as identity, who text not null)");
    await sql(asked, "insert into visits (who) select 'visitor ' || n from generate_series(1, 1000) n");
    t.equal(await sql(asked, "select count(*), max(who) from visits"), "1000|visitor 999\n");
    t.equal(await sql(asked, "show max_connections"), "20\n");
    t.equal(
      await node.exec(
        "postgres",
        "postgres",
        "psql",
        "-XAtq",
        "-h",
        "/run/postgresql",
        "-U",
        "app",
        "-c",
        "show work_mem",
        "app",
      ),
      "4MB\n",
    );
  },
  async alone({ t, node }) {
    t.equal(await offersTls(node.hostPort(18_432)), "N", "it speaks PostgreSQL's protocol on the host's port");
  },
  async again(asked) {
    asked.t.equal(await sql(asked, "select count(*) from visits"), "1000\n");
  },
  edit: (manifest) =>
    replaced(
      manifest,
      ["max_connections = 20", "max_connections = 30"],
      ["work_mem = 4MB", "work_mem = 8MB"],
      ['configuration: "1"', 'configuration: "2"'],
    ),
  async edited(asked) {
    const { t, node } = asked;
    t.equal(await sql(asked, "show max_connections"), "30\n");
    t.equal(await sql(asked, "show work_mem"), "8MB\n");
    t.equal(await sql(asked, "select count(*) from visits"), "1000\n");
    t.match(await node.log("postgres", "initdb"), /^$/, "the cluster was there");
    t.notMatch(await node.log("postgres", "postgres"), "was not properly shut down");
  },
};
