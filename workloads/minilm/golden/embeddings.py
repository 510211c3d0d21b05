#!/usr/bin/env python3
"""Writes embeddings.jsonl: reference embeddings by PyTorch and HuggingFace transformers (BertModel, fp32, CPU),
with mean pooling and normalisation as in sentence-transformers.

    pip install tokenizers==0.23.3 torch==2.15.0 transformers && python3 embeddings.py <folder with the model>
"""
import base64
import json
import random
import sys
from pathlib import Path

import torch
import transformers
from texts import NASTY, random_text
from tokenizers import Tokenizer

folder = Path(sys.argv[1])
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)
model = transformers.BertModel.from_pretrained(folder, attn_implementation="eager").eval().float()

chosen = [
    "", " ", "\0", "hello world", "The quick brown fox jumps over the lazy dog.", "A fast, unopinionated, minimalist web framework",
    "héllo wörld", "e\u0301\u0302\u0303\u0304", "👨‍👩‍👧‍👦", "😀", "\U0001F600" * 120, "日本語テスト", "中文 English 混合", "한국어", "안녕하세요 세계", "हिन्दी", "العربية",
    "Русский Й Ё", "İstanbul I ı i", "[CLS] hello [SEP]", "a" * 101, "日" * 400, "word " * 254, "word " * 2000, "unaffable " * 100,
    "don't can't it's", "http://example.com/a?b=c&d=e#f", "[PAD]" * 300,
]
assert all(text in NASTY or text in ("hello world", " ", "") for text in chosen)
r = random.Random(99)
chosen += [random_text(r) for _ in range(8)]

lines = []
with torch.no_grad():
    for text in chosen:
        ids = tokenizer.encode(text).ids
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        vector = torch.nn.functional.normalize(hidden.mean(0), dim=0)
        packed = base64.b64encode(vector.numpy().astype("<f4").tobytes()).decode()
        lines.append({"text": text, "tokens": len(ids), "embedding": packed})
Path(__file__).with_name("embeddings.jsonl").write_text(
    "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
)
print(len(lines), "texts, torch", torch.__version__, "transformers", transformers.__version__)
