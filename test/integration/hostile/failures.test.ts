// time limit: 900 s
// soak limit: 1200 s
import t from "tap";
import { prove } from "./prove.ts";

t.test("attacks by what fails or never ends", (t) => prove(t, import.meta.resolve("./attacks/failures.ts")));
