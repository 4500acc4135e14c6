// time limit: 900 s
// soak limit: 1200 s
import t from "tap";
import { prove } from "./prove.ts";

t.test("attacks by mounts", (t) => prove(t, import.meta.resolve("./attacks/mounts.ts")));
