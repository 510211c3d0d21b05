"""The texts of the committed goldens: ordinary, nasty and random ones. Deterministic."""
import random

SPECIALS = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"]
NASTY = [
    "", " ", "\n", "\t\r\n", "\0", "\0\0a\0b", "\ufffd", "a\ufffdb", "\u200b", "a\u200bb", "\ufeffword", "\u00ad", "soft\u00adhyphen",
    "\u2028", "a\u2028b\u2029c", "\x85", "a\x85b", "\x7f", "\x1b[31mred\x1b[0m", "\u00a0", "a\u00a0b\u3000c\u2003d\u1680e\u180ef", "\x0b\x0c\x1c\x1d\x1e\x1f",
    "héllo wörld", "he\u0301llo", "e\u0301\u0302\u0303\u0304", "\u0301", "\u0301a", "Å\u030a", "İstanbul I ı i", "ΌΣΟΣ ΟΔΥΣΣΕΥΣ ς σ", "Straße ẞ ß", "ﬁ ﬂ ﬃ",
    "naïve café Zoë Ærøskøbing Łódź đ ø", "Ǆ ǅ ǆ", "ａｂｃ ＡＢＣ １２３", "①②③ ½ ² ™", "Å Å Å", "K K", "Ω Ω",
    "😀", "👨‍👩‍👧‍👦", "🇩🇪", "👍🏽 ok", "❤️", "a😀b", "☃ ☃\ufe0f", "\U0001f9ff\U0001fae8", "\U0001F600" * 120,
    "日本語", "日本語テスト", "中文 English 混合", "ｶﾀｶﾅ", "が か\u3099", "豈 更 車", "\uf900\uf901", "𠀀𠀁", "㐀䶵", "丽丸乁", "〇〆々", "漢,字.",
    "한국어", "각 갂 가\u11a8", "\u1112\u1161\u11ab", "뷁", "ㅎㅏㄴ", "안녕하세요 세계", "힣",
    "हिन्दी", "नमस्ते", "தமிழ்", "ไทย ภาษา", "العربية", "עִבְרִית", "አማርኛ", "ქართული", "Ქართული", "Русский Й Ё", "Українська ї",
    "Tiếng Việt", "ệ ế ự", "ŵ ŷ", "\u0958 \u0929", "\u09cb \u09c7\u09be", "\u1e9b\u0323", "q\u0307\u0323", "\u302e\u302f가", "\U0001d15e\U0001d160",
    "\ud7a4", "\u0378", "\U000e0041", "\U000f0000", "\ue000 private", "\U0010ffff", "\u061c\u2066x\u2069", "\u2060a\u2061b", "\u00b4 \u0384 \u1fef",
    "don't can't it's", "e-mail, U.S.A. $5.00!", "...", "!!!???", "a.b,c;d:e", "(paren) [brack] {brace}", "~`^|<>=+-_*&%$#@", "¿Qué? ¡No!", "«quote» “x” ‘y’", "— – ‐ ‑ ―",
    "§ ¶ † ‡ • …", "+ = < > | ~ ^ ` $", "€ £ ¥ ¢", "¬ ± × ÷", "\u30fb\u3001\u3002", "\u00b7 \u0387", "\u037e ;", "⁄ ∕ ∖", "#hash ##hash ###", "##ing", "[unused0] [unused99]",
    *SPECIALS, "[CLS] hello [SEP]", "a[MASK]b", "[cls]", "[CLS", "CLS]", "[[CLS]]", "[MASK][MASK]", "[MAS\u0301K]", "[M\0ASK]", "[UNK]unk", "hé[SEP]llo", "[PAD]" * 300,
    "a" * 99, "a" * 100, "a" * 101, "a" * 1000, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101, "한" * 33, "한" * 34, "한" * 50 + "각", "a" * 100 + "," + "b" * 101,
    "\0" * 50 + "a" * 100, "a\u0301\u0302" * 101, "日" * 253, "日" * 254, "日" * 255, "日" * 400, "word " * 253, "word " * 254, "word " * 255, "word " * 2000,
    "unaffable " * 100, "unbelievability " * 63 + "x " * 2, "tokenization", "supercalifragilisticexpialidocious", "antidisestablishmentarianism", "xqzjw", "zzzzzz",
    "http://example.com/a?b=c&d=e#f", "user@example.org", "C:\\path\\file.txt", "/usr/bin/env node", "snake_case camelCase PascalCase kebab-case", "v1.2.3-beta+build.5", "@scope/package",
    "<html><body>&amp;</body></html>", '{"json": [1, 2.5e-3, null]}', "\\n \\u0041 \"quoted\"", "SELECT * FROM t WHERE a='b';", "3.14159 1,000,000 0x1F 1e10", "١٢٣ ۴۵۶ ४५६",
    "The quick brown fox jumps over the lazy dog.", "A fast, unopinionated, minimalist web framework", "  leading and trailing  ", "multiple   spaces\t\ttabs\n\nnewlines",
    "HELLO WORLD", "MiXeD cAsE", "ÀÉÎÕÜ", "ÑANDÚ", "ÇA VA", "ŠĐČĆŽ", "ΑΒΓΔ", "АБВГ", "ԱԲԳ", "ᏣᎳᎩ ꭰ", "𐐀𐐨", "𝐀𝔅𝟘", "ⅷ Ⅷ ⓐ Ⓐ", "Ⱥ ⱥ Ɐ", "ꙁ Ꙁ", "ᾳ ᾼ ᾈ", "ΐ ΰ",
]

RANGES = [
    (0x20, 0x7F, 30), (0x00, 0x20, 4), (0x7F, 0x180, 12), (0x180, 0x370, 5), (0x300, 0x370, 5), (0x370, 0x530, 4), (0x590, 0x800, 3), (0x900, 0xE00, 3),
    (0xE00, 0x1200, 3), (0x1E00, 0x2000, 4), (0x2000, 0x2C00, 5), (0x3000, 0x3200, 3), (0x3400, 0xA000, 4), (0xA000, 0xAC00, 2), (0xAC00, 0xD7B0, 4),
    (0xE000, 0xFB00, 2), (0xFB00, 0x10000, 3), (0x10000, 0x20000, 3), (0x1F300, 0x1FB00, 3), (0x20000, 0x30000, 1), (0xE0000, 0xE0200, 1), (0x30000, 0x110000, 1),
]


def random_text(r: random.Random) -> str:
    parts = []
    favourite = r.choices(RANGES, weights=[w for *_, w in RANGES], k=3)
    for _ in range(r.choice([1, 2, 4, 8, 16, 40, 120])):
        low, high, _w = r.choice(favourite)
        if r.random() < 0.03:
            parts.append(r.choice(SPECIALS))
        parts.append(chr(r.randrange(low, high)))
        if r.random() < 0.15:
            parts.append(r.choice([" ", "\u0301", "the", "ing", "\0", "\n"]))
    return "".join(parts)


def texts(random_count: int, seed: int) -> list[str]:
    r = random.Random(seed)
    return [t for t in NASTY if all(not 0xD800 <= ord(c) <= 0xDFFF for c in t)] + [random_text(r) for _ in range(random_count)]
