// Everything the page itself says; what the node says comes with both languages. Test: both have the same words.

import { EN } from "./words_en.js";
import { VI } from "./words_vi.js";

export const WORDS = { vi: VI, en: EN };
