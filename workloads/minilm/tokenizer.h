// BERT uncased WordPiece, equal to the fast HuggingFace tokenizer of all-MiniLM-L6-v2.
#ifndef INFERNET_TOKENIZER_H
#define INFERNET_TOKENIZER_H

#include "../common/json.h"
#include "model_file.h"

// Reads the vocabulary section of the model file.
void load_vocab(i32 model_fd);

// Turns the content of a JSON string into token ids between [CLS] and [SEP], truncated to MAX_TOKENS in all.
// Returns their number, at least 2.
u32 tokenize(json_span content, u16 ids[MAX_TOKENS]);

#endif
