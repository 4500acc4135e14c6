// RabbitMQ, by amqp-tools in another pod and rabbitmqctl in its own.

import { replaced, type Asked, type Program } from "./program.ts";

const amqp = ({ node, ip }: Asked, command: string, ...rest: readonly string[]): Promise<string> =>
  node.client(command, "-u", `amqp://app:please-change-me@${ip}`, ...rest);

const control = ({ node }: Asked, ...command: readonly string[]): Promise<string> =>
  node.exec("rabbitmq", "rabbitmq", "rabbitmqctl", "-q", ...command);

const publish = (asked: Asked, body: string): Promise<string> =>
  amqp(asked, "amqp-publish", "-p", "-r", "jobs", "-b", body);

const take = (asked: Asked): Promise<string> => amqp(asked, "amqp-get", "-q", "jobs");

export const rabbitmq: Program = {
  name: "rabbitmq",
  replaces: true,
  async first(asked) {
    const { t } = asked;
    t.match(await amqp(asked, "amqp-declare-queue", "-d", "-q", "jobs"), "jobs");
    for (const body of ["first", "second", "third"]) await publish(asked, body);
    t.equal(await take(asked), "first");
    t.match(await control(asked, "eval", "application:get_env(rabbit, channel_max)."), "64");
  },
  async again(asked) {
    const { t } = asked;
    t.equal(await take(asked), "second");
    await publish(asked, "fourth");
  },
  edit: (manifest) =>
    replaced(manifest, ["channel_max = 64", "channel_max = 32"], ['configuration: "1"', 'configuration: "2"']),
  async edited(asked) {
    const { t } = asked;
    t.match(await control(asked, "list_queues", "name", "messages"), /^jobs\t2$/m);
    t.equal(await take(asked), "third");
    await publish(asked, "second");
    t.equal(await take(asked), "fourth");
    t.match(
      await control(asked, "eval", "{node(), application:get_env(rabbit, channel_max)}."),
      /rabbit@rabbitmq[^]*32/,
    );
  },
};
