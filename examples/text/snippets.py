#!/usr/bin/env python3
"""Writes snippets.npz into the current folder: 32 letters out of made-up sentences in four languages.

  text_train [8000, 32], text_test [1000, 32]    bytes: 0 is a blank, 1 to 26 are a to z
  label_train [8000], label_test [1000]          bytes: 0 English, 1 German, 2 Spanish, 3 French

A sentence is words in any order. The test takes a fifth of the words that training does not see.
"""
import random
import struct
import zipfile

LENGTH = 32
WORDS = [
    """the and that have for not with you this but his from they she will would there their what about which when make can like time
    just him know take people into year your good some could them see other than then now look only come over think also back after
    use two how our work first well way even want because any these give day most house water light school night morning street
    bread window friend garden winter summer always never often between without under through before thought right though enough""",
    """der die und das nicht mit sich auf ist ein eine als auch werden haben von sein dass fuer aber nach bei aus wenn nur war noch
    wie einem ueber einen so zum kann ihre dieser oder schon mehr vor durch jetzt zwischen immer sehr hier ohne wieder gegen zeit
    jahr mensch leben haus strasse wasser licht schule nacht morgen brot fenster freund garten winter sommer niemals vielleicht
    zusammen gestern heute schnell langsam schwer leicht gross klein wichtig richtig schreiben sprechen verstehen kommen gehen""",
    """que los del las una por con para como pero sus este entre porque esta cuando muy sin sobre tambien hasta hay donde quien desde
    todo nos durante todos uno les contra otros ese eso ante ellos esto antes algunos unos otro otras mucho cual poco ella estar
    hacer vida tiempo casa calle agua luz escuela noche pan ventana amigo jardin invierno verano siempre nunca quizas juntos ayer
    hoy rapido lento pesado ligero grande pequeno importante escribir hablar entender venir llegar mujer hombre ciudad trabajo""",
    """les des est une que qui dans pour pas sur avec son plus par sont mais comme tout nous vous leur bien sans peut cette entre aussi
    fait elle deux meme tres ces quand peu encore apres autre toujours jamais souvent avant temps annee maison rue eau lumiere ecole
    nuit matin pain fenetre ami jardin hiver ete ensemble hier vite lentement lourd leger grand petit important ecrire parler
    comprendre venir aller femme homme ville travail chose moment jour monde depuis pendant contre chez beaucoup voici voila""",
]


def snippet(words):
    text = ""
    while len(text) < 2 * LENGTH:
        text += random.choice(words) + " "
    start = random.randrange(LENGTH)
    return bytes(0 if c == " " else ord(c) - 96 for c in text[start:start + LENGTH])


def samples(count, vocabulary):
    labels = [i % len(WORDS) for i in range(count)]
    random.shuffle(labels)
    return b"".join(snippet(vocabulary[label]) for label in labels), bytes(labels)


def npy(shape, data):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


random.seed(1)
known, others = [], []
for text in WORDS:
    words = sorted(set(text.split()))
    random.shuffle(words)
    known.append(words[len(words) // 5:])
    others.append(words)
with zipfile.ZipFile("snippets.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    for part, count, vocabulary in (("train", 8000, known), ("test", 1000, others)):
        text, label = samples(count, vocabulary)
        archive.writestr(f"text_{part}.npy", npy((count, LENGTH), text))
        archive.writestr(f"label_{part}.npy", npy((count,), label))
