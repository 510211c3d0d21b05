#!/usr/bin/env python3
"""Writes tokenizer.jsonl: token ids by HuggingFace tokenizers, the reference that the kernel must equal.

    pip install tokenizers==0.23.3 && python3 tokenizer.py <folder with the model's tokenizer.json>
"""
import json
import sys
from pathlib import Path

import tokenizers
from texts import texts

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
tokenizer = tokenizers.Tokenizer.from_file(str(Path(sys.argv[1]) / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)

lines = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts(random_count=300, seed=2024)]
Path(__file__).with_name("tokenizer.jsonl").write_text(
    "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
)
print(len(lines), "texts")
