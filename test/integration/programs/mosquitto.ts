// Mosquitto, by mosquitto_pub and mosquitto_sub in another pod.

import { replaced, type Asked, type Program } from "./program.ts";

const SENSOR = ["-u", "sensor", "-P", "measure-it"];
const DISPLAY = ["-u", "display", "-P", "show-it"];
/** Of display:show-it, by mosquitto_passwd. */
const DISPLAY_LINE =
  "display:$7$101$pXZr/xfDm0Gr4x3w$Q15ss2JX7mfXvqE0OoRH67T1hcfJNuSAf5E4uGIWsAK14JlMpoPAC+cdDdt2SxAsMFsOXHCCRWGhnoS0TT7/Jw==";

const read = ({ node, ip }: Asked, user: readonly string[]): Promise<string> =>
  node.client("mosquitto_sub", "-h", ip, ...user, "-t", "room/temperature", "-C", "1", "-W", "60");

export const mosquitto: Program = {
  name: "mosquitto",
  replaces: false,
  async first(asked) {
    const { t, node, ip } = asked;
    await node.client("mosquitto_pub", "-h", ip, ...SENSOR, "-t", "room/temperature", "-r", "-q", "1", "-m", "21.5");
    t.equal(await read(asked, SENSOR), "21.5\n");
    await t.rejects(read(asked, DISPLAY), { message: /not authori[sz]ed/i });
  },
  async again(asked) {
    asked.t.equal(await read(asked, SENSOR), "21.5\n");
  },
  edit: (manifest) => replaced(manifest, ["  passwords: |\n", `  passwords: |\n    ${DISPLAY_LINE}\n`]),
  async edited(asked) {
    const { t, node } = asked;
    await node.answer("mosquitto", "display", () => node.exec("mosquitto", "mosquitto", "cat", "/users/passwords"));
    await node.exec("mosquitto", "mosquitto", "kill", "-HUP", "1");
    t.equal(await node.answer("mosquitto", "21.5", () => read(asked, DISPLAY)), "21.5\n", "the new user is let in");
    t.equal(await read(asked, SENSOR), "21.5\n");
  },
};
