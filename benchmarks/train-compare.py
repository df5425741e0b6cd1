"""Tables of what train-compare.sh trained: train-compare.py MODEL... in its folder."""
import csv
import glob
import json
import sys

names = sys.argv[1:]


def table(title, rows):
    """rows: (what, a value for each model)."""
    print(f"\n{title}\n\n| | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")
    for what, values in rows:
        print(f"| {what} | " + " | ".join("" if v is None else v if isinstance(v, str) else f"{v:.3f}" for v in values) + " |")


models = {n: json.load(open(f"models/{n}/training.json")) for n in names}
curves = {n: list(csv.DictReader(open(glob.glob(f"runs/train/*-{n}/metrics.csv")[0]))) for n in names}
reports = {n: json.load(open(f"reports/{n}/report.json")) for n in names}
systems = {n: {s["name"]: s for s in reports[n]["systems"]} for n in names}

table("Held-out part while training, pointing after each validation:",
      [(f"epoch {row['epoch']}", [next((float(r["pointing"]) for r in curves[n] if r["epoch"] == row["epoch"]), None) for n in names]) for row in curves[names[0]]])
table("The same, matched (0.5 is chance):",
      [(f"epoch {row['epoch']}", [next((float(r["matched"]) for r in curves[n] if r["epoch"] == row["epoch"]), None) for n in names]) for row in curves[names[0]]])
table("Held-out part, what was exported (the best checkpoint):",
      [(s, [models[n]["scores"].get(s) for n in names]) for s in models[names[0]]["scores"]]
      + [("minutes of training", [f"{float(curves[n][-1]['seconds']) / 60:.1f}" for n in names])])

own = {n: reports[n]["systems"][0] for n in names}
table(f"Mosaics of what no training has read ({reports[names[0]]['evaluated']} samples):",
      [(m, [own[n][m] for n in names]) for m in ("ciou", "ciou_adaptive", "auc", "auc_adaptive", "mean_adaptive", "iiou", "iiou_adaptive", "iauc_adaptive")]
      + [(f"mean_adaptive of {other}", [systems[n][other]["mean_adaptive"] for n in names]) for other in list(systems[names[0]])[1:]]
      + [(f"{space} {way.replace('_', ' ')} R@{k}", [reports[n][key][way][f"r{k}"] if reports[n].get(key) else None for n in names])
         for key, space in (("retrieval", "backbone"), ("retrieval_projected", "projected")) for way in ("picture_to_sound", "sound_to_picture") for k in (1, 5, 10)])
