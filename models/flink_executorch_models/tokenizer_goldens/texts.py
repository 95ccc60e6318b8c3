"""Texts of many scripts, from word lists and Unicode ranges: a corpus to train vocabularies on, and to compare."""

import random
from collections.abc import Iterator

SEED = 20261125
WORDS = {
    "english": "the order arrived late and my laptop would not start please send a new charger before Monday I don't "
    "think we'll need it she's sure they've asked you're right it isn't done",
    "german": "die Größe stimmt nicht bitte prüfen Sie das Gerät fünf Straßen weiter über Köln nach Zürich",
    "french": "le colis est arrivé cassé où êtes-vous l'été dernier ça n'était pas prêt garçon cœur naïve",
    "spanish": "¿dónde está mi pedido? el niño pidió más información mañana por la mañana ¡gracias!",
    "polish": "zażółć gęślą jaźń proszę o zwrot pieniędzy za łóżko",
    "turkish": "İstanbul'da ışık söndü şimdi değiştirmek istiyorum çok güzel",
    "russian": "заказ не пришёл прошу вернуть деньги за ноутбук сегодня вечером ещё раз спасибо",
    "greek": "η παραγγελία δεν έφτασε παρακαλώ στείλτε ξανά τον φορτιστή ευχαριστώ",
    "arabic": "لم يصل الطلب حتى الآن أرجو إرسال شاحن جديد قبل يوم الاثنين شكرًا",
    "hebrew": "ההזמנה לא הגיעה בבקשה לשלוח מטען חדש עד יום שני תודה",
    "hindi": "मेरा ऑर्डर अभी तक नहीं आया कृपया नया चार्जर भेजें धन्यवाद",
    "bengali": "আমার অর্ডার এখনও আসেনি দয়া করে নতুন চার্জার পাঠান",
    "tamil": "என் ஆர்டர் இன்னும் வரவில்லை புதிய மின்னூட்டியை அனுப்பவும்",
    "thai": "สินค้ายังไม่มาถึง กรุณาส่งที่ชาร์จใหม่ก่อนวันจันทร์ ขอบคุณมาก",
    "chinese": "我的订单还没有到 请在星期一之前寄一个新的充电器 谢谢 電腦壞了",
    "japanese": "注文がまだ届いていません 月曜日までに新しいチャージャーを送ってください ありがとう",
    "korean": "주문이 아직 도착하지 않았습니다 월요일 전에 새 충전기를 보내 주세요 감사합니다",
    "vietnamese": "đơn hàng của tôi vẫn chưa đến vui lòng gửi bộ sạc mới trước thứ hai",
    "georgian": "შეკვეთა ჯერ არ მოსულა გთხოვთ გამოგზავნოთ ახალი დამტენი",
    "amharic": "ትዕዛዙ ገና አልደረሰም እባክዎ አዲስ ቻርጀር ይላኩ",
}
CODE = [
    "def area(w: float, h: float) -> float:\n    return w * h  # square metres\n",
    'public static void main(String[] args) {\n\tSystem.out.println("a\\tb");\n}\n',
    '{"id": 17, "tags": ["a", "b"], "price": 9.99, "ok": null}',
    "<div class='x'>\r\n  <p>1 &lt; 2</p>\r\n</div>",
    "SELECT name, COUNT(*) FROM orders WHERE total >= 100.50 GROUP BY name;",
    "for (int i = 0; i < n; ++i) { sum += a[i] << 2; } // i++",
    "$ ls -la /tmp | grep '^d' && echo \"done\" > out.txt",
    "x = [y**2 for y in range(10) if y % 2 == 0 and y != 4]",
    "#include <stdio.h>\n\n\nint main(void) {\n        return 0;\n}",
    "\\frac{a}{b} + \\sum_{i=0}^{n} x_i^2 \\leq \\infty",
    "https://example.org/a/b?c=d&e=%20f#g user.name+tag@example.org",
    "| a | b |\n|---|---|\n| 1 | `c` |\n\n- [x] **bold** _it_",
]
EMOJI = ["😀", "🎉", "👍🏽", "👩‍👩‍👧", "🏳️‍🌈", "🇩🇪", "🇯🇵🇺🇸", "1️⃣", "❤️", "☃", "🧑🏿‍🚀", "🫠", "🪿", "🫩", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🙂", "©️"]
SPACES = [
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\u00a0",
    "\u3000",
    "\u2003",
    "\u2028",
    "\u2029",
    "\u0085",
]
SPACES += ["\u200b", "\ufeff", "\x0b", "\x0c", "\u1680", "\u202f", "\u205f", "\u180e", " " * 7, " " * 40, "\n" * 9]
MARKS = ["\u0301", "\u0308", "\u20dd", "\u0327", "\u05b0", "\u064b", "\u093c", "\u0e31", "\u3099", "\U0001d165"]
CONTRACTIONS = [
    "'s",
    "'S",
    "'t",
    "'RE",
    "'ve",
    "'m",
    "'LL",
    "'d",
    "'D",
    "’s",
    "'\u017f",
    "''",
    "'",
    "'x",
    "''ll",
    "'lL",
]
NUMBERS = [
    "0",
    "7",
    "42",
    "123",
    "1234",
    "1234567890" * 3,
    "3.14159",
    "1,000,000",
    "１２３４",
    "٤٥٦",
    "१२३",
    "½",
    "Ⅷ",
    "²³",
    "𝟘𝟙𝟚",
    "㊿",
]
CONTROLS = [
    "\x00",
    "\x00\x00",
    "\x01",
    "\x07",
    "\x1b[0m",
    "\x7f",
    "\x80",
    "\x9f",
    "\u00ad",
    "\u200d",
    "\u200f",
    "\u202e",
    "\u2066",
]
CONTROLS += ["\ufffd", "\ufffe", "\uffff", "\U0010ffff", "\U000e0041", "\ue000", "\U000f0000", "\ufff9"]
SURROGATES = ["\ud83d", "\ude00", "\ud800", "\udfff", "\ude00\ud83d", "\ud83d\ud83d", "a\ud83d", "\udc00b"]
SPECIAL = [
    "<unk>",
    "<s>",
    "</s>",
    "<pad>",
    "<|im_start|>",
    "<|im_end|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|eot_id|>",
]
SPECIAL += ["<|start_header_id|>", "<|reserved_special_token_5|>", "<|reserved_special_token_50|>", "[INST]", "[/INST]"]
SPECIAL += [
    "<SPECIAL_30>",
    "<SPECIAL_3",
    "<think>",
    "</think>",
    "<0x41>",
    "<0x0A>",
    "<|im_start",
    "im_end|>",
    "<S>",
    "< s>",
    "▁<s>",
]
COMPATIBILITY = [
    "ﬁne",
    "Ａｂｃ",
    "①②",
    "ｶﾞｷﾞ",
    "㌔",
    "ﷺ",
    "e\u0301",
    "Å",
    "ℌ",
    "ẛ̣",
    "x²",
    "…",
    "“q”",
    "№",
    "™",
    "▁",
    "▁▁a",
    "⁇",
    "ﬀ",
]

# Assigned after Unicode 13, where the classes of an old regular expression engine differ.
RECENT = [
    (0x10570, 0x105BC),
    (0x16AC0, 0x16AC9),
    (0x11F00, 0x11F59),
    (0x31350, 0x323AF),
    (0x1E4D0, 0x1E4F9),
    (0x105C0, 0x105F3),
]
RECENT += [
    (0x10D40, 0x10D85),
    (0x16D40, 0x16D79),
    (0xA7C0, 0xA7DC),
    (0x1DF00, 0x1DF1E),
    (0x0870, 0x088E),
    (0x2EBF0, 0x2EE5D),
]
RECENT += [
    (0x1C89, 0x1C8A),
    (0x11BC0, 0x11BF9),
    (0x1E290, 0x1E2AE),
    (0x2C2F, 0x2C5F),
    (0x16EA0, 0x16EB8),
    (0x323B0, 0x323C0),
]
RANGES = [
    (0x21, 0x7E),
    (0xA1, 0xFF),
    (0x100, 0x17F),
    (0x180, 0x24F),
    (0x250, 0x2AF),
    (0x300, 0x36F),
    (0x370, 0x3FF),
    (0x400, 0x52F),
]
RANGES += [
    (0x530, 0x58F),
    (0x590, 0x5FF),
    (0x600, 0x6FF),
    (0x700, 0x74F),
    (0x780, 0x7BF),
    (0x900, 0x97F),
    (0x980, 0x9FF),
]
RANGES += [
    (0xA00, 0xB7F),
    (0xB80, 0xD7F),
    (0xD80, 0xDFF),
    (0xE00, 0xEFF),
    (0xF00, 0xFFF),
    (0x1000, 0x109F),
    (0x10A0, 0x10FF),
]
RANGES += [(0x1100, 0x11FF), (0x1200, 0x139F), (0x13A0, 0x167F), (0x1680, 0x17FF), (0x1800, 0x18AF), (0x1E00, 0x1FFF)]
RANGES += [(0x2000, 0x206F), (0x2070, 0x20CF), (0x2100, 0x218F), (0x2190, 0x23FF), (0x2400, 0x259F), (0x25A0, 0x27BF)]
RANGES += [(0x2800, 0x2BFF), (0x2E80, 0x2FDF), (0x3000, 0x30FF), (0x3100, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF)]
RANGES += [(0xA000, 0xA4CF), (0xA640, 0xA7FF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF), (0xF900, 0xFAFF), (0xFB00, 0xFDFF)]
RANGES += [
    (0xFE00, 0xFFFD),
    (0x10000, 0x100FF),
    (0x10280, 0x1049F),
    (0x1D400, 0x1D7FF),
    (0x1F300, 0x1FAFF),
    (0x20000, 0x2A6DF),
]
RANGES += [(0xE0000, 0xE01EF), (0x10FF00, 0x10FFFF)]
LISTS = [EMOJI, SPACES, MARKS, CONTRACTIONS, NUMBERS, CONTROLS, SURROGATES, SPECIAL, COMPATIBILITY]
LONGEST = 2000


def well_formed(text: str) -> str:
    """Half a character becomes U+FFFD; two halves that meet become the character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def corpus(seed: int, count: int) -> Iterator[str]:
    """Sentences to train on."""
    source = random.Random(seed)
    for _ in range(count):
        kind = source.random()
        if kind < 0.85:
            yield _sentence(source)
        elif kind < 0.95:
            yield source.choice(CODE)
        else:
            yield _sentence(source) + " " + source.choice(EMOJI + NUMBERS)


def texts(seed: int) -> list[str]:
    """The texts to compare, each once."""
    source = random.Random(seed)
    found = dict.fromkeys(["", *CODE])
    for entries in LISTS:
        for entry in entries:
            found |= dict.fromkeys(
                [entry, f"a{entry}b", f" {entry} ", f"{_sentence(source)}{entry}{entry} {_word(source)}"]
            )
    for first, last in RANGES + RECENT:
        for length in (1, 3, 12):
            found[_characters(source, first, last, length)] = None
        found[f"{_word(source)} {_characters(source, first, last, 4)}1{_characters(source, first, last, 2)}'s"] = None
    while len(found) < 1450:
        found["".join(_part(source) for _ in range(source.randint(2, 9)))] = None
    for unit in (" ", "a", "A", "ab", "我", "ก", "\n", "1", "!", "😀", "é", "\u0301", "<s>", "'s"):
        found[(unit * LONGEST)[:LONGEST]] = None
    found["".join(_part(source) for _ in range(200))[:LONGEST]] = None
    return list(found)


def _part(source: random.Random) -> str:
    kind = source.random()
    if kind < 0.35:
        return _sentence(source)[: source.randint(1, 40)]
    if kind < 0.55:
        return source.choice(SPACES)
    if kind < 0.9:
        return source.choice(source.choice([*LISTS, [" "]]))
    return _characters(source, *source.choice(RANGES + RECENT), source.randint(1, 4))


def _sentence(source: random.Random) -> str:
    words = WORDS[source.choice(list(WORDS))].split(" ")
    sentence = " ".join(source.choice(words) for _ in range(source.randint(2, 8)))
    return sentence + source.choice(["", ".", "!", "?", ", ", "。", "\n", ": "])


def _word(source: random.Random) -> str:
    return source.choice(WORDS[source.choice(list(WORDS))].split(" "))


def _characters(source: random.Random, first: int, last: int, count: int) -> str:
    return "".join(chr(source.randint(first, last)) for _ in range(count))
