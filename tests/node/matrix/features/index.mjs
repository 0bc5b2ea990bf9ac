// The rows of the table, in order.

import { CALLS } from "./calls.mjs";
import { LIFE } from "./life.mjs";
import { PUSHES } from "./pushes.mjs";
import { RESULTS } from "./results.mjs";
import { STREAMS } from "./streams.mjs";
import { UPLOADS } from "./uploads.mjs";

export const FEATURES = { ...CALLS, ...PUSHES, ...RESULTS, ...STREAMS, ...UPLOADS, ...LIFE };
