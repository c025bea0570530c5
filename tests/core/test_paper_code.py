"""The scripts of the paper's pages: they train the same nets, and print the same losses."""

import contextlib
import io
import re
import runpy
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from ln_core.data.mnist import MNIST_PATH
from ln_core.experiments import PAGES
from ln_core.paper.convnet.config import VARIANTS as CONV_VARIANTS
from ln_core.paper.convnet.config import ConvConfig
from ln_core.paper.convnet.presets import PRESETS as CONV_PRESETS
from ln_core.paper.convnet.trainer import ConvTrainer
from ln_core.paper.convnet.trainer import film as conv_film
from ln_core.paper.mnist.config import MnistConfig, SweepConfig
from ln_core.paper.mnist.presets import MNIST_PRESETS
from ln_core.paper.mnist.trainer import film as mnist_film
from ln_core.paper.mnist.trainer import sweep
from ln_core.paper.skip_thoughts.config import SkipConfig
from ln_core.paper.skip_thoughts.nearest.config import NearestConfig
from ln_core.paper.skip_thoughts.trainer import SkipTrainer
from ln_core.paper.transformer.config import SWEEP as TRANSFORMER_SWEEP
from ln_core.paper.transformer.config import VARIANTS as TRANSFORMER_VARIANTS
from ln_core.paper.transformer.config import TransformerConfig
from ln_core.paper.transformer.network import Transformer
from ln_core.paper.transformer.trainer import Learner
from ln_core.paper.transformer.trainer import film as transformer_film
from ln_core.race.config import VARIANTS as MLP_VARIANTS
from ln_core.race.sizes import EXPERIMENT as SIZES
from ln_core.race.sizes import SizesConfig
from ln_core.recorded.catalogue import RECORDINGS
from ln_core.recorded.loader import RECORDED
from ln_core.training.seeds import ORDER_SEED, make_generator
from tests.core.scripts import (
    CLOSE,
    STEPS,
    agreed_steps,
    check_form,
    mlp_losses,
    printed,
    script_of,
)

pytestmark = pytest.mark.slow

MOST = 160  # lines
TEXTS = MNIST_PATH.parent
MNIST_DATA = ("--data", str(MNIST_PATH))


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """As in a worker."""
    torch.set_num_threads(1)


def presets_of(*slugs):
    return [one.config for slug in slugs for one in PAGES[slug].presets.values()]


@pytest.mark.parametrize(
    "config",
    [
        *presets_of("mnist", "sizes", "convnet", "transformer", "skip_thoughts", "nearest"),
        NearestConfig(sentence='He said "no": ' + 19 * "it's far. " + "so", among="novel"),
        MnistConfig(variants=tuple(MLP_VARIANTS), bn_unbiased=True, seeds=3),
        SweepConfig(over="low_rate", batch_size=4, bn_unbiased=True),
        TransformerConfig(task="recall", warmup=20, variants=tuple(TRANSFORMER_VARIANTS)),
        TransformerConfig(depth=1, variants=("dyt",)),
        ConvConfig(variants=("batch",)),
        ConvConfig(variants=tuple(CONV_VARIANTS), spread=1.5),
    ],
)
def test_scripts_of_the_papers_pages_are_short_and_well_formed(config, tmp_path):
    check_form(script_of(config), tmp_path / "run.py", MOST)


@pytest.mark.parametrize("name", ["mnist_128", "mnist_4", "mnist_sizes", "convnet_unequal"])
def test_the_script_of_a_recording_is_that_of_its_config(name, tmp_path):
    recording = RECORDINGS[name]
    script = recording.experiment.write(recording.config, "A recording of a test.")
    check_form(script, tmp_path / "run.py", MOST)
    assert "A recording of a test." in script


def numbers_of(path, *more):
    """Run a script to its end, and read what its tests print: (tests, 4)."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(said):
        patch.setattr("sys.argv", [str(path), *more])
        runpy.run_path(str(path), run_name="__main__")
    rows = re.findall(r"^tested \S+ \d+ (.*)$", said.getvalue(), re.MULTILINE)
    return np.array([row.split() for row in rows], float)


def doubled(part):
    """Copy a network's tensors in float64."""
    if isinstance(part, torch.Tensor):
        return part.detach().double().requires_grad_()
    own = {name.name: getattr(part, name.name) for name in fields(part)}
    return type(part)(**{name: of if of is None else doubled(of) for name, of in own.items()})


def test_the_skip_thoughts_script_prints_the_losses_of_its_nets(tmp_path):
    config = SkipConfig(width=16, embedding=8, words=200, batch_size=8, seeds=2, seed=3, clip=1.0)
    trainer = SkipTrainer(config, config.variants)
    trainer.networks = [doubled(network) for network in trainer.networks]
    trainer.optimizers = [
        torch.optim.Adam(network.named().values(), lr=config.learning_rate)
        for network in trainer.networks
    ]
    film = []
    for _ in range(STEPS):
        trainer.train()
        film.append(trainer.values.read()[0, ..., -1].flatten())
    losses = printed(script_of(config), tmp_path / "run.py", "float64", "--data", str(TEXTS))
    np.testing.assert_allclose(losses, film, rtol=CLOSE, atol=CLOSE)


@pytest.mark.parametrize(
    "config",
    [
        *presets_of("nearest"),
        NearestConfig(sentence="Whales!", among="address", listed=10),
        NearestConfig(
            sentence='He said: "it\'s no ship" ' + 18 * "and on " + "so", among="novel", listed=1
        ),
    ],
)
def test_the_script_of_nearest_sentences_finds_the_same(config, tmp_path, capsys):
    (tmp_path / "run.py").write_text(script_of(config))
    nets = str(RECORDED / "skip_thoughts.npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["run.py", "--data", str(TEXTS), "--nets", nets])
        runpy.run_path(str(tmp_path / "run.py"))
    said, (frame,) = capsys.readouterr().out, PAGES["nearest"].experiment.frames(config)
    turns = [float(turn) for turn in re.findall(r"^turns by (\S+)", said, re.MULTILINE)]
    np.testing.assert_allclose(turns, frame.arrays["turn"].flatten(), atol=2e-4)
    found = re.findall(r"^cosine (\S+): (.*?) \| ", said, re.MULTILINE)
    shown = [item for of in frame.notes["lists"] for item in of["items"]]
    assert [text for _, text in found] == [item["text"] for item in shown]
    cosines = [float(cosine) for cosine, _ in found]
    np.testing.assert_allclose(cosines, [float(item["value"]) for item in shown], atol=0.006)


def small_mnist(config):
    return replace(config, cases=512, width=32, epochs=50)


@pytest.mark.parametrize(
    "config",
    [
        *(small_mnist(preset.config) for preset in MNIST_PRESETS.values()),
        MnistConfig(cases=512, width=64, variants=("batch", "rms", "group"), seeds=2, seed=5),
    ],
)
def test_the_mnist_script_prints_the_losses_of_its_race(config, tmp_path):
    losses = printed(script_of(config), tmp_path / "run.py", "float64", *MNIST_DATA)
    race = config.race(config.variants)
    film, mirror = (mlp_losses(race, torch.float64, mirrored=it) for it in (False, True))
    assert np.mean(agreed_steps(losses, film, mirror)) >= 40


def test_the_script_of_own_rates_prints_the_losses_of_races_with_each(tmp_path):
    recording = RECORDINGS["mnist_4_own"]
    config = small_mnist(recording.config)
    script = replace(recording, config=config).write("The run of a test.")
    losses = printed(script, tmp_path / "run.py", "float64", *MNIST_DATA)
    for place, variant in enumerate(config.variants):
        race = replace(config, **recording.own[(variant,)]).race((variant,))
        film, mirror = (mlp_losses(race, torch.float64, mirrored=it) for it in (False, True))
        own = losses[:, config.seeds * place : config.seeds * (place + 1)]
        assert np.mean(agreed_steps(own, film, mirror)) >= 40


@pytest.mark.parametrize("batch_size", [1, 4, 128])
def test_the_mnist_script_tests_its_networks_as_the_film_does(batch_size, tmp_path):
    config = MnistConfig(
        cases=512, width=16, epochs=1, batch_size=batch_size, per_epoch=1, bn_unbiased=True
    )
    (tmp_path / "run.py").write_text(script_of(config))
    tested = numbers_of(tmp_path / "run.py", *MNIST_DATA)
    names = ("train_nll", "train_error", "test_nll", "test_error")
    for variant, row in zip(config.variants, tested, strict=True):
        *_, last = (frame for frame in mnist_film(config, (variant,), first=0) if frame)
        shown = [last.arrays[name][0, 0] for name in names]
        # Adam's first steps are as long where a gradient is but rounding: Batch Norm has many.
        loss, error = (0.08, 10) if variant == "batch" else (2e-3, 0.4)
        np.testing.assert_allclose(row[[0, 2]], shown[::2], rtol=loss)
        np.testing.assert_allclose(row[[1, 3]], 100 * np.array(shown[1::2]), atol=error)


@pytest.mark.parametrize("unbiased", [False, True])
def test_batch_norm_written_out_keeps_the_averages_of_torchs(unbiased, tmp_path):
    config = MnistConfig(cases=512, width=8, batch_size=1, bn_unbiased=unbiased)
    (tmp_path / "run.py").write_text(script_of(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["run.py", "--steps", "0", *MNIST_DATA])
        names = runpy.run_path(str(tmp_path / "run.py"))
    own, torchs = names["BatchNorm"](5), torch.nn.BatchNorm1d(5)
    for seed in range(20):
        a = 3 + torch.randn(7, 5, generator=torch.Generator().manual_seed(seed))
        given = own(a), torchs(a)
    scale = (6 / 7) ** 0.5 if unbiased else 1.0
    torch.testing.assert_close(given[0], scale * given[1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(own.eval()(a), torchs.eval()(a))


@pytest.mark.parametrize("over", ["batch_size", "learning_rate"])
def test_the_script_of_a_sweep_reaches_what_the_film_shows(over, tmp_path):
    config = SweepConfig(
        over=over, examples=512, width=8, batch_size=32, variants=("none", "batch", "layer")
    )
    (tmp_path / "run.py").write_text(script_of(config))
    tested = numbers_of(tmp_path / "run.py", *MNIST_DATA).reshape(len(config.values), -1, 4)
    names = ("valid_nll", "valid_error", "test_nll", "test_error")
    for at, variant in enumerate(config.variants):
        *_, last = (frame for frame in sweep(config, (variant,), first=0) if frame)
        shown = np.stack([last.arrays[name][0, 1] for name in names], 1)
        few = [value >= 32 for value in config.values]  # more steps, and rounding is seen
        chosen = few if over == "batch_size" else slice(None)
        loss, error = (0.05, 5) if variant == "batch" else (5e-3, 1.0)
        own = tested[chosen, at]
        np.testing.assert_allclose(own[:, ::2], shown[chosen, ::2], rtol=loss)
        np.testing.assert_allclose(own[:, 1::2], 100 * shown[chosen, 1::2], atol=error)


@pytest.mark.parametrize(
    "config",
    [
        *(replace(preset.config, channels=8) for preset in CONV_PRESETS.values()),
        ConvConfig(channels=8, seeds=2, seed=3, batch_size=8, variants=tuple(CONV_VARIANTS)),
    ],
)
def test_the_convnet_script_prints_the_losses_of_its_nets(config, tmp_path):
    losses = printed(script_of(config), tmp_path / "run.py", "float64", *MNIST_DATA)
    films = []
    for variant in config.variants:
        trainer = ConvTrainer(config, (variant,), torch.float64)
        film = []
        for _ in range(STEPS):
            trainer.train()
            film.append(trainer.losses[0, :, 0])
        films.append(np.array(film))
    np.testing.assert_allclose(losses, np.concatenate(films, 1), rtol=CLOSE, atol=CLOSE)


@pytest.mark.parametrize(
    ("config", "film"),
    [
        (ConvConfig(channels=4, steps=20, batch_size=8, test_cases=300), conv_film),
        (TransformerConfig(depth=2, width=16, steps=200), transformer_film),
        (TransformerConfig(task="recall", depth=1, width=16, steps=20), transformer_film),
    ],
)
def test_scripts_print_the_errors_of_their_films(config, film, tmp_path, capsys):
    config = replace(config, seeds=1)
    (tmp_path / "run.py").write_text(script_of(config))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["run.py", *MNIST_DATA])
        runpy.run_path(str(tmp_path / "run.py"))
    *_, last = capsys.readouterr().out.splitlines()
    for at, variant in enumerate(config.variants):
        *_, frame = (frame for frame in film(config, (variant,), first=0) if frame)
        error = float(last.split()[2 + at])
        assert error == pytest.approx(100 * frame.arrays["test_error"][0, 0], abs=0.5)


def transformer_losses(config, variant, seed):
    """Train a Transformer as its film does, in float64."""
    learner = Learner(config, Transformer(config, variant, torch.float64), seed)
    source, shape = make_generator(config.seed, ORDER_SEED), (config.batch_size, config.T)
    batches = (torch.randint(config.vocabulary, shape, generator=source) for _ in range(STEPS))
    pairs = enumerate(batches, start=1)
    return [learner.train(batch, config.rate_at(step))[0].item() for step, batch in pairs]


@pytest.mark.parametrize(
    "config",
    [
        *(replace(one, depth=2, width=32, seeds=1) for one in presets_of("transformer")),
        TransformerConfig(depth=2, heads=2, length=5, width=16, warmup=20, alpha=0.7, seeds=2),
        TransformerConfig(task="recall", depth=2, segments=2, seeds=2, seed=4, epsilon=0.1),
    ],
)
def test_the_transformer_script_prints_the_losses_of_its_nets(config, tmp_path):
    losses = printed(script_of(config), tmp_path / "run.py", "float64")
    seeds = range(config.seed, config.seed + config.seeds)
    films = [transformer_losses(config, name, seed) for name in config.variants for seed in seeds]
    np.testing.assert_allclose(losses, np.transpose(films), rtol=CLOSE, atol=CLOSE)


def test_the_script_of_a_sweep_of_rates_prints_the_losses_of_its_races(tmp_path):
    config = TransformerConfig(depth=1, width=16, learning_rate=3e-3, warmup=20, seed=2)
    script = TRANSFORMER_SWEEP.write(config, "The run of a test.")
    check_form(script, tmp_path / "run.py", MOST)
    losses = printed(script, tmp_path / "run.py", "float64").reshape(-1, STEPS, 5)
    races = [race for row in config.swept for race in row]
    for own, race in zip(losses, races, strict=True):
        film = [transformer_losses(race, name, race.seed) for name in race.variants]
        np.testing.assert_allclose(own, np.transpose(film), rtol=CLOSE, atol=CLOSE)


def test_the_script_of_the_home_page_prints_the_losses_of_its_races(tmp_path):
    config = SizesConfig()
    script = SIZES.write(config, "The run of a test.")
    check_form(script, tmp_path / "run.py", 120)
    losses = printed(script, tmp_path / "run.py", "float64").reshape(-1, STEPS, 2)
    for place, own in enumerate(losses):
        film = mlp_losses(config.race(place), torch.float64)
        np.testing.assert_allclose(own, film, rtol=CLOSE, atol=CLOSE)
    assert len(losses) == len(config.SIZES)
