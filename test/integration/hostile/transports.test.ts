// time limit: 900 s
// soak limit: 1800 s
import t from "tap";
import { prove } from "./prove.ts";

t.test("attacks by what nodelet hears and says", (t) => prove(t, import.meta.resolve("./attacks/transports.ts")));
