// time limit: 900 s
import t from "tap";
import { prove } from "./prove.ts";

t.test("attacks by layers", (t) => prove(t, import.meta.resolve("./attacks/layers.ts")));
