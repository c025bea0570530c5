"""What the scripts share that read the recorded nets and digits. Free of torch."""

READS = """
It runs by itself, with torch and numpy. It reads the app's own file of trained nets and digits:
where that is, say with --data FILE.
"""

DATA = """
parser = argparse.ArgumentParser()
parser.add_argument("--data", default="assets/recorded/batch_mates.npz")
given, _ = parser.parse_known_args()  # a notebook has arguments of its own
with np.load(given.data) as file:
    recorded = {name: torch.from_numpy(file[name]) for name in file}
NETS = ["none", "batch", "layer"]  # the order of the recorded nets
pixels = (recorded["images"].float() / 255 - 0.1307) / 0.3081
labels = recorded["labels"].long()
"""
