// time limit: 900 s
import t from "tap";
import { prove } from "./prove.ts";

t.test("attacks on processes", (t) => prove(t, import.meta.resolve("./attacks/processes.ts")));
