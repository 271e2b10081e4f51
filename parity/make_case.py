#!/usr/bin/env python3
"""Makes golden cases of models and conversations with the reference, or replays existing ones against it.

  make_case.py --reference CHECKOUT --replay goldens/a_phi3_siglip_q4 [MORE ...]
  make_case.py --reference CHECKOUT --cases cases.json [--only NAME ...] [--out goldens]

Needs torch, transformers==4.48.1, safetensors, pillow, requests, sentencepiece, protobuf; runs on a CPU in float32. See
README.md beside it.
"""

import argparse
import json
import multiprocessing
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1))


def compare(expected, got, grad=None, lr=1e-3, steps=0):
    """Largest difference relative to the tensor's largest magnitude; where Adam stepped on noise, in bounds or not."""
    if expected.shape != got.shape:
        return float("inf")
    if not expected.is_floating_point():
        return 0.0 if bool((expected == got.to(expected.dtype)).all()) else float("inf")
    difference = (expected - got).abs()
    if grad is not None:
        noise = grad.abs() < 1e-6
        if bool((difference[noise] > 2 * lr * steps).any()):
            return float("inf")
        difference = difference.masked_fill(noise, 0)
    if not expected.numel():
        return 0.0
    return (difference.max() / expected.abs().max().clamp_min(1e-30)).item()


def compare_facts(expected, got, floor, path="case.json"):
    """Relative differences of every number of case.json; a missing or different word is infinite.

    `floor` keeps gradients that are zero but for rounding (every key bias) from being compared with each other.
    """
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        for key in expected:
            yield from compare_facts(expected[key], got[key], floor, f"{path} {key}")
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for i, (a, b) in enumerate(zip(expected, got)):
            yield from compare_facts(a, b, floor, f"{path} {i}")
    elif isinstance(expected, float) and isinstance(got, float):
        yield path, abs(expected - got) / max(abs(expected), floor)
    elif expected != got:
        yield path, float("inf")


def replay(reference_root, folder, bound):
    """Loads a case, runs the reference on its weights and inputs, and compares all that the case holds."""
    if (folder / "conversation.json").exists():
        return replay_rounds(reference_root, folder, bound)
    import torch
    from safetensors.torch import load_file

    from reference import Reference
    from runs import run_case

    torch.set_num_threads(2)
    case = json.loads((folder / "case.json").read_text())
    config = json.loads((folder / "config.json").read_text())
    vision = json.loads((folder / "vision_config.json").read_text())
    expected = load_file(folder / "case.safetensors")
    reference = Reference(reference_root, case["llm"], case["tower"], vision, case["query_len_used"],
                          case["fusion_l_size"])
    model = reference.build(config)
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    stages, facts = run_case(model, reference.decoder, expected)
    got = {name: value for name, value in expected.items() if name.startswith("in.")
           or name in ("gen.input_ids", "gen.labels")} | stages

    results = []
    for name in sorted(expected.keys() | got.keys()):
        if name not in expected or name not in got:
            results.append((float("inf"), f"{name} only in the {'case' if name in expected else 'run'}"))
            continue
        kind, _, parameter = name.partition(".")
        grad = expected.get(f"grad.{parameter}") if kind in ("adamw1", "adamw3") else None
        results.append((compare(expected[name], got[name], grad, steps=int(kind[-1]) if grad is not None else 0), name))
    floor = 1e-4 * case["grad_norm_total"]
    results += [(error, path) for path, error in compare_facts({k: case.get(k) for k in facts}, facts, floor)
                if not path.endswith("gap")]
    return report(folder.name, len(expected), results, bound)


def replay_rounds(reference_root, folder, bound):
    """The same for a conversation; words, ids and places must be equal."""
    from conversation import replay_conversation

    expected, got, expected_tensors, tensors = replay_conversation(reference_root, folder)
    results = [(error, path) for path, error in compare_facts(expected, got, 1e-4, "conversation.json")
               if not path.endswith("gap")]
    for name in sorted(expected_tensors.keys() | tensors.keys()):
        both = name in expected_tensors and name in tensors
        results.append((compare(expected_tensors[name], tensors[name]) if both else float("inf"), name))
    return report(folder.name, len(expected_tensors), results, bound)


def report(name, tensors, results, bound):
    results.sort(reverse=True)
    failed = [item for item in results if not item[0] <= bound]
    print(f"{name}: {tensors} tensors, {len(results)} comparisons, "
          f"largest error {results[0][0]:.2e} ({results[0][1]}), {len(failed)} above {bound:g}")
    for error, path in failed:
        print(f"  {error:.2e} {path}")
    return not failed


def make(reference_root, spec, out):
    """Makes one case folder from its spec."""
    if "questions" in spec:
        from conversation import make_conversation

        print(make_conversation(reference_root, spec, out))
        return True
    import torch
    from safetensors.torch import save_file

    from inputs import make_inputs
    from reference import Reference
    from runs import run_case
    from spec import complete_configs, fill_weights

    torch.set_num_threads(2)
    config, vision = complete_configs(spec)
    reference = Reference(reference_root, spec["llm"], spec["tower"], vision, spec["query_len_used"],
                          spec.get("fusion_l_size"))
    model = reference.build(config)
    fill_weights(model, spec["seed"])
    given = make_inputs(spec, config, vision)
    stages, facts = run_case(model, reference.decoder, given)
    tensors = {name: value.to(torch.uint8) if value.dtype == torch.bool else value.contiguous()
               for name, value in (given | stages).items()}

    folder = out / spec["name"]
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    write_json(folder / "vision_config.json", vision)
    save_file(tensors, folder / "case.safetensors")
    head = {
        "name": spec["name"], "seed": spec["seed"], "llm": spec["llm"], "tower": spec["tower"],
        "image_size": vision["image_size"], "patch_size": vision["patch_size"], "vision_len": reference.vision_len,
        "early_layers": reference.half, "kept_layers": reference.kept, "query_len_used": spec["query_len_used"],
        "window_size": config["window_size"], "fusion_l_size": spec.get("fusion_l_size"),
        "rounds": [len(row["rounds"]) for row in spec["rows"]],
        "has_image": [row["image"] for row in spec["rows"]],
    }
    shapes = {name: list(tensors[name].shape) for name in sorted(tensors)}
    write_json(folder / "case.json", head | facts | {"stage_shapes": shapes})
    for file in folder.iterdir():
        file.chmod(0o644)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{spec['name']}: {len(tensors)} tensors, {size / 1e6:.2f} MB, losses {facts['losses']}, "
          f"gen gap {facts['gen']['smallest_top1_top2_gap']:.1e}")
    return True


def in_own_process(function, *args):
    """The reference's sizes are fixed at import, so every case gets a fresh interpreter."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, args)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="a checkout of the reference implementation")
    parser.add_argument("--replay", type=Path, nargs="+", help="existing case folders to run again and compare")
    parser.add_argument("--bound", type=float, default=1e-5, help="largest relative error a replay may show")
    parser.add_argument("--cases", type=Path, default=HERE / "cases.json", help="list of case specs")
    parser.add_argument("--only", nargs="+", help="names of the cases to make")
    parser.add_argument("--out", type=Path, default=HERE / "goldens")
    args = parser.parse_args()
    if not (args.reference / "fusion/model/fusion_arch.py").exists():
        parser.error(f"{args.reference}: no fusion/model/fusion_arch.py in it; give a checkout of the reference")
    if args.replay:
        held = [in_own_process(replay, args.reference, folder.resolve(), args.bound) for folder in args.replay]
        return 0 if all(held) else 1
    specs = json.loads(args.cases.read_text())
    unknown = set(args.only or ()) - {spec["name"] for spec in specs}
    if unknown:
        parser.error(f"no such case in {args.cases}: {', '.join(sorted(unknown))}")
    for spec in specs:
        if not args.only or spec["name"] in args.only:
            in_own_process(make, args.reference, spec, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
