"""Writes nasty.txt: lines that break tokenizers, made by hand; one text a line, UTF-8."""

import os

ACCENTS = [
    "naïve façade résumé Übergröße coöperate", "nai\u0308ve re\u0301sume\u0301 U\u0308ber",
    "e\u0301\u0302\u0303\u0304\u0305 stacked", "\u0301leading mark", "a\u0316\u0301b a\u0301\u0316b",
    "q\u0307\u0323 q\u0323\u0307", "\u1e9b\u0323", "\u0344 \u0f73 \u0f75 \u0f81 a\u0344b a\u0f73b",
    "a\u0f72\u0f73\u0f71b", "A\u030angstr\u00f6m \u212bngstr\u00f6m", "ç c\u0327 Ç C\u0327",
    "a\u0338=\u0338<\u0338 \u2260 \u226e", "\u037e \u1fef \u0387 \u2126", "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dA\u036b\u0357\u0334\u0362L\u0368\u0367\u0369\u0358\u0320G\u0311\u0357\u030e\u0305\u035b\u0301\u0334\u033b\u0348\u034d\u0354\u0339O",
    "Tiếng Việt có dấu: ặ ậ ẫ ỡ ợ ữ ự", "Tie\u0302\u0301ng Vie\u0323\u0302t", "Đắk Lắk ĐÀ NẴNG",
    "ﬁ ﬂ ﬀ ﬃ ﬄ ﬅ ﬆ ligatures oﬃce", "ĳ Ĳ ŉ ǆ ǅ Ǆ ǉ ǈ Ǉ", "½ ¼ ¾ ² ³ ¹ ₁ ₂ ⁿ",
]
CASE = [
    "İstanbul ISTANBUL istanbul ıstanbul", "İİİ Iİıi", "ΌΣΟΣ ὈΔΥΣΣΕΎΣ ΣΊΣΥΦΟΣ Σ ς σ", "ΑΣ. ΑΣΑ ΑΣ",
    "STRASSE Straße STRAẞE ẞ", "ǅungla Ǆ ǆ", "ᾈ ᾀ ᾳ ᾼ Ω ω Ω", "Ꭰ Ꮿ ꭰ ꮿ Ა ა", "Ⅷ ⅷ Ⓐ ⓐ Ａ ａ",
    "𐐀 𐐨 𞤀 𞤢 𝐀 𝓐", "K Å ſ ẛ", "Ⱥ ⱥ Ⱦ ⱦ", "МОСКВА Москва москва Ёлка ёлка Й й",
    "ქართული ᲥᲐᲠᲗᲣᲚᲘ", "Ӕ ӕ Ԁ ԁ Ԛ ԛ",
]
CJK = [
    "中文字符 北京大学", "东京都 東京都 とうきょうと トウキョウト", "漢字かな交じり文。カタカナ、ひらがな！",
    "한국어 문장입니다. 대한민국", "\u1112\u1161\u11ab\u1100\u116e\u11a8 한국", "가각갂갃간 힣 \uac00\u11a8",
    "豈更車賈滑 \uf900\ufa0e\ufaff", "𠀀𠀁𪛖 𫜴 𪜀 𫝀", "\U0002f800\U0002f81a\U0002fa1d", "\u3400\u4dbf\u4dc0\u4e00\u9fff\ua000",
    "\U0002b820\U0002b920\U0002cea1\U00030000", "abc中def文ghi", "中a国1中", "ｶﾞｷﾞ ﾊﾟ か\u3099 は\u309a ガ が",
    "〇々〆〱 ㊀ ㈱ ㍿ ㌔", "你好，世界！「引用」『書名』", "　全角　空格　", "ＡＢＣ１２３！＠＃", "注音ㄅㄆㄇ 〡〢〣",
]
SCRIPTS = [
    "ภาษาไทยไม่มีช่องว่าง น้ำ ที่ เก็บ", "नमस्ते दुनिया क़ ख़ ज़ ड़ क\u093c", "বাংলা ভাষা ড় ঢ় য় কো", "தமிழ் கொ கோ", "മലയാളം ൊ",
    "ಕನ್ನಡ ೊ ೋ", "తెలుగు ై", "සිංහල ෞ ෝ", "ਪੰਜਾਬੀ ਸ਼ ਖ਼", "ગુજરાતી", "ଓଡ଼ିଆ ୋ", "བོད་སྐད གྷ ཀྵ ཱི", "မြန်မာ ဦ", "ភាសាខ្មែរ",
    "العربية نَصٌّ مُشَكَّل ﷺ ﻻ آ أ ؤ", "עִבְרִית שָׁלוֹם שּׁ וֹ", "فارسی می‌خواهم", "اردو ہے ۓ", "ܫܠܡܐ", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "አማርኛ ።",
    "ᠮᠣᠩᠭᠣᠯ", "ᏣᎳᎩ", "ᓀᐦᐃᔭᐍᐏᐣ", "ꦧꦱꦗꦮ", "ᬩᬲᬩᬮᬶ ᬆ ᬈ", "𑄌𑄋𑄴𑄟𑄳𑄦 \U0001112e\U0001112f", "𝕳𝖊𝖑𝖑𝖔 𝒲𝑜𝓇𝓁𝒹 \U0001d15e\U0001d160",
    "\U0001d165\U0001d16e a\U0001d165\u0301b", "𐎀𐎁𐎂 𐤀𐤁", "\u302a\u302b\u302e\u302f a\u302e\u0301b a\u0301\u302eb",
    "x\U00016ff0\U00016ff1\u0301y", "a\u1dfa\u1df6\u0301b", "a\U0001e8d0\u0316b \U0001e944\U0001e94a", "a\u0301\u1ac1\u0316\u08d3b",
    "é\u302e\u0316z", "e\u302e\u0301\u0316\u0327f", "\u302e\u0301", "क\u302e\u093cख", "a\u200d\u0301\u302e\u200d\u0316b",
]
INVISIBLE = [
    "zero\u200bwidth\u200cnon\u200djoiner\ufeffbom", "soft\u00adhyphen", "word\u2060joiner", "\u200e\u200fmarks\u202a\u202e", "\u2066iso\u2069",
    "nul\x00inside", "\x01\x02\x03control\x1f\x7f", "bell\x07back\x08", "tab\there", "vertical\x0btab form\x0cfeed", "cr\rin the middle",
    "next\x85line sep\u2028line par\u2029end", "nbsp\u00a0narrow\u202fthin\u2009hair\u200a", "ogham\u1680space math\u205fspace \u3000",
    "\ufffd replacement \ufffd\ufffd", "\ue000 private \U000f0000 \U0010fffd", "unassigned \u0378 \U000e0080 \U0003fffd", "\ufdd0 \uffff \U0010ffff noncharacters",
    "tag \U000e0001\U000e0041\U000e007f", "vs \ufe0e \ufe0f \U000e0100", "\u180e mongolian", "\u034f cgj a\u034fb", "\u061c alm", "interlinear \ufff9\ufffa\ufffb",
    "\x1c\x1d\x1e\x1f separators", "   leading and trailing   ", " ", "\t", "\u200b", "\x00", "\u0301", "\u00a0", "",
]
EMOJI = [
    "👨‍👩‍👧‍👦 family", "🏳️‍🌈🏴‍☠️ flags 🇩🇪🇯🇵", "👍🏽👍🏿 skin", "❤️ ♥︎ ☺️ ☹", "1️⃣2️⃣*️⃣#️⃣", "🧑🏻‍🤝‍🧑🏾", "😀😃😄 text 😅", "©️ ® ™ ℠",
    "→ ⇒ ∀ ∃ ∑ √ ≤ ≥ ≠ ≈", "☃❄☂★☆♠♣♥♦", "█▓▒░ ▀▄", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]
PUNCTUATION = [
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "don't can't won't I'm you're we've it's o'clock", "“quotes” ‘single’ «guillemets» „low‟", "en–dash em—dash ‐ ‑ ‒ ― −",
    "...…‥․", "¡¿ · ‽ ⁂ † ‡ § ¶", "、。〃「」『』【】〒〔〕", "٪ ، ؛ ؟ ٭ ۔", "। ॥ ॰", "$€£¥₩₹₿ ¢", "a_b-c+d=e*f/g", "http://www.example.com/a?b=c&d=e#f", "user@example.com",
    "C:\\path\\file.txt", "<html><body>&amp;</body></html>", "3.14 1,000,000 1e-5 0xFF", "#hashtag @mention", "(((nested)))", "^ ~ ` ´ ¨ ¯ ¸", "º ª ° ′ ″", "$ + < = > ^ ` | ~",
    "\u055a\u058a\u05be\u0964\u10fb\u1400\u2cf9\u2e5d\u3030\ufe19\uff1f", "\U00010100 \U00011fff \U00012470 \U0001e95e",
]
SPECIAL = [
    "[CLS] inside [SEP] text [PAD]", "[MASK]", " [MASK] ", "a [MASK] b", "a[MASK]b", "[MASK][MASK][MASK]", "[mask] [Mask] [MASK ]", "[[MASK]]", "[MAS[MASK]K]", "[UNK] [unk]",
    "[CLS]", "[SEP][SEP]", "The capital of [MASK] is [MASK].", "[unused1] [unused99]", "##ing ##s ## #", "[", "[M", "[MASK", "MASK]", "\u200b[MASK]\u200b", "é[MASK]é", "中[MASK]文",
    "[MASK]\u0301", "[CLS]\t[SEP]", "[PAD][PAD][PAD]", "[MA\u200bSK]", "\uff3bMASK\uff3d",
]
WORDS = [
    "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101, "中" * 120, "x" * 1000, "supercalifragilisticexpialidocious",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "z" * 50 + "\u0301" * 200 + "z" * 50, "z" * 50 + "\u0301" * 200 + "z" * 51, "aaaa" + "\u200b" * 300 + "bbbb", "ab" * 50 + " " + "ab" * 51, "1" * 100, "1" * 101,
    "𝐚" * 100, "𝐚" * 101, "ﷺ" * 3, "unaffable unaffordable embeddings tokenization", "qqqqqq zxzxzx", "İ" * 50, "İ" * 51, "İ" * 100, "한" * 33, "한" * 34, "한" * 50, "한" * 51,
]
MIXED = [
    "Hello, World!", "The quick brown fox jumps over the lazy dog.", "hElLo WoRLd", "it isn't, is it?", "a b c d e f g", "I ❤ 東京 and café☕!", "Ünïcödé ‑ tëst №5",
    "100% sure: 50°C ≈ 122°F", "mañana, señor — ¿qué tal?", "Ævar Øst Åse Þór ß", "\u202eRTL override\u202c", "email: foo.bar+baz@qux.co.uk;", "naïve🙂résumé", "don\u2019t \u2018quote\u2019",
    "ａｂｃ ＸＹＺ", "x\u0338y", "test\u00b2 H\u2082O", "\u2460\u2461\u2462", "e\u200d\u0301", "ﾡ ﾢ ￡", "\u0345\u0301\u0345", "a\u0345\u0301b", "\u0e33 \u0eb3", "\u0958\u0959 \u09dc", "\u1e00\u1eff",
    "\U0001f1e6\U0001f1e7c", "mid\u00b7dot", "\u2c2f\u2c5f", "\ua7cb\ua7dc", "\u1c89\u1c8a", "\U00010d50\U00010d70", "\u0870\u0898\u08ca", "\u1ace\u1acf a\u1acfb",
]
GROUPS = [ACCENTS, CASE, CJK, SCRIPTS, INVISIBLE, EMOJI, PUNCTUATION, SPECIAL, WORDS, MIXED]


def main():
    lines = [line for group in GROUPS for line in group]
    # Each group once more with its lines' words against each other, without a space between.
    for group in GROUPS:
        words = [word for line in group if len(line) < 80 for word in line.split(" ") if word]
        for start in range(0, len(words), 40):
            lines.append("".join(words[start:start + 20]) + " " + " ".join(words[start + 20:start + 40]))
    assert not any("\n" in line for line in lines)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nasty.txt")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("".join(line + "\n" for line in lines))
    print(len(lines), "lines")


main()
