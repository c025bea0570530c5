"""The charts of the RNN lab: a race of recurrent nets, and the time microscope.

The arrays that the bindings name are those of `ln_core.recurrent.trainer` and `.microscope`.
"""

from ln_core.figures import curves
from ln_core.figures.bins import bin_centres
from ln_core.figures.parts import (
    HIDDEN_AT_FIRST,
    ROW,
    Spec,
    film_map,
    if_few,
    level,
    line,
    loss_axis,
    marked,
    section,
    trace,
    variant_specs,
    with_marks,
)
from ln_core.recurrent.config import EXTRA_STEPS, MicroscopeConfig, RnnConfig

EXPONENT = 20  # powers of ten that the microscope shows; beyond, a signal has faded or exploded
WRONG = {  # by task: what the test error counts
    "rows": "Share of unseen images read wrong.",
    "adding": "Share of unseen sequences whose sum is off by 0.04 or more.",
    "copy": "Share of symbols repeated wrong, in unseen sequences.",
    "text": "Share of letters guessed wrong, in unseen text.",
}
GUESS = {"text": "guess by letter frequency"}  # by task, where the loss of a guess has its own
GATES = {
    "f": "forget gate",
    "i": "input gate",
    "o": "output gate",
    "z": "update gate",
    "r": "reset gate",
}


def rnn_figure(config: RnnConfig) -> Spec:
    """Describe every chart of one race."""
    gradient = profile(
        config,
        "gradient_hidden_norm",
        "Gradient by time step",
        "dL/dhᵗ, L: loss. Read from right to left.",
    )
    state = profile(config, "hidden_norm", "Hidden state by time step", "Size of hᵗ now.")
    error = curves.error_curve(config, takeaway=WRONG[config.task])
    first = [loss(config), error, gradient]
    if config.task == "rows":
        first.append(longer(config))
    map_of_state = heat(
        config, "hidden_norm", "Hidden state as training goes on", "Colour: size of hᵗ."
    )
    sections = [
        section(
            None,
            [
                *({**chart, "span": 12 / len(first)} for chart in first),
                state,
                {**map_of_state, "span": 8},
            ],
        ),
        section(
            "Gradients through time",
            [
                heat(
                    config,
                    "gradient_hidden_norm",
                    "Size of the gradient at each time step",
                    "Colour: size, log scale: how much the loss depends on hᵗ.",
                ),
                gradient_norm(config),
            ],
        ),
        section(
            "Time step by time step, now",
            [
                profile(
                    config,
                    "summed_std",
                    "Spread of the pre-activations",
                    f"Standard deviation of aᵗ over the units{_of_gates(config)}.",
                ),
                summed_mean(config),
            ],
        ),
    ]
    if config.gates:
        sections.append(section("Gates", [gates(config, "gate_shut"), gates(config, "gate_open")]))
    choices = []
    if config.gates:
        choices.append(
            {
                "id": "gate",
                "label": "Gate",
                "options": [GATES[gate] for gate in config.gates],
                "value": 0,
                "help": "Which gate the charts of gates show.",
            }
        )
    specs = variant_specs(config.taking_part, hidden=HIDDEN_AT_FIRST)
    figure = {"variants": specs, "choices": choices, "sections": sections}
    return with_marks(figure, config.named_changes)


NEAR = 0.15  # a loss of guessing below it would lie below an axis that begins at 0.1, or on its end


def loss(config: RnnConfig) -> Spec:
    """Training loss at every step, with the loss of a guess."""
    guess = GUESS.get(config.task, "guessing without the input")
    low = 0.1 if config.baseline > NEAR else 0.01
    return curves.loss_curve(
        config,
        takeaway=f"Grey line: {guess}.",
        y=loss_axis(low, 10, unit="squared error" if config.task == "adding" else "nats"),
        shapes=[level(config.baseline, guess)],
    )


def longer(config: RnnConfig) -> Spec:
    """Accuracy on sequences longer than those of training, now.

    One more curve shows Batch Norm with the statistics of every step used as many steps later.
    """
    bind = {"array": "longer", "over": "now", "index": ["variant", ":"], "scale": 100}
    x = list(EXTRA_STEPS)
    traces, takeaway = [trace("each", marked(6), x=x, y=bind)], "With blank rows in front."
    if "batch" in config.taking_part:
        style = {
            "name": "Batch Norm, statistics moved along",
            "mode": "lines+markers",
            "line": {"color": "@variant", "dash": "solid", "width": 2},
            "marker": {"symbol": "star", "size": 8, "color": "@variant"},
        }
        takeaway = "Stars: BN's statistics moved along."
        batch = config.taking_part.index("batch")
        traces.append(trace(batch, style, x=x, y={**bind, "array": "aligned"}))
    return {
        "id": "longer",
        "title": "Longer than trained",
        "takeaway": takeaway,
        "span": 4,
        "height": ROW,
        "x": {"title": "blank rows in front", "range": [-0.5, EXTRA_STEPS[-1] + 0.5]},
        "y": {"title": "right, %", "range": [0, 105]},
        "traces": traces,
    }


def heat(config: RnnConfig, array: str, title: str, takeaway: str) -> Spec:
    """Picture one size over time step and training step."""
    return film_map(
        array,
        config.T,
        config.steps,
        id=f"heat_{array}",
        title=title,
        takeaway=takeaway,
        y={"title": "time step", "range": [0.5, config.T + 0.5]},
    )


def gradient_norm(config: RnnConfig) -> Spec:
    """Size of the whole gradient at every step, before clipping."""
    return curves.smoothed(
        config,
        "gradient_norm",
        title="Size of the gradient",
        takeaway="Of all weights, before clipping." if config.clip else "Of all weights.",
        span=12,
        y={"title": "size, log scale", "log": True, "range": [0.1, 10], "grow": True},
        shapes=[level(config.clip, "clipped to this")] if config.clip else [],
    )


def profile(config: RnnConfig, array: str, title: str, takeaway: str) -> Spec:
    """Draw one size against the time step, as it is now."""
    bind = {"array": array, "over": "now", "index": ["variant", ":"]}
    return {
        "id": f"profile_{array}",
        "title": title,
        "takeaway": takeaway,
        "span": 4,
        "height": ROW,
        "x": {"title": "time step", "range": [1, config.T], **if_few(config.T)},
        "y": {"title": "size, log scale", "log": True, "range": [0.01, 10], "grow": True},
        "traces": [trace("each", line(), x=list(range(1, config.T + 1)), y=bind)],
    }


def _of_gates(config: RnnConfig) -> str:
    """Say that the pre-activations of a cell with gates are those of all of them."""
    return " of gates and candidate" if config.gates else ""


def summed_mean(config: RnnConfig) -> Spec:
    """Mean of the summed inputs against the time step, as it is now."""
    return {
        **profile(
            config,
            "summed_mean",
            "Mean of the pre-activations",
            f"Over examples and the units{_of_gates(config)}.",
        ),
        "y": {"title": "mean", "symlog": True, "range": [-1, 1], "grow": True},
    }


def gates(config: RnnConfig, array: str) -> Spec:
    """Share of gate values near their ends, against the time step, as it is now."""
    shut = array == "gate_shut"
    bind = {"array": array, "over": "now", "index": ["variant", "gate", ":"], "scale": 100}
    return {
        "id": array,
        "title": "Shut gates" if shut else "Open gates",
        "takeaway": "Share of gate values below 0.1."
        if shut
        else "Share of gate values above 0.9.",
        "span": 6,
        "height": ROW,
        "x": {"title": "time step", "range": [1, config.T], **if_few(config.T)},
        "y": {"title": "share, %", "range": [-2, 102]},
        "traces": [trace("each", line(), x=list(range(1, config.T + 1)), y=bind)],
    }


def microscope_figure(config: MicroscopeConfig) -> Spec:
    """Describe the pictures of an untrained net unrolled over time."""
    state = "Mean size of hᵗ. Straight: it grows or shrinks by a fixed factor per time step."
    back = "Size of the gradient that reaches hᵗ from the last time step: read from right to left."
    return {
        "variants": variant_specs(config.variants),
        "choices": [],
        "sections": [
            section(
                None,
                [
                    powers(config, "hidden_norm_log10", "Hidden state", state, 4),
                    powers(config, "gradient_norm_log10", "Gradient", back, 4),
                    factors(config),
                    summed(config),
                ],
            ),
            section(
                "Pre-activations a",
                [
                    powers(
                        config,
                        "summed_mean_abs_log10",
                        "Magnitude",
                        "Mean absolute value of aᵗ.",
                        6,
                    ),
                    powers(
                        config,
                        "summed_std_log10",
                        "Spread",
                        "Standard deviation of aᵗ over the units.",
                        6,
                    ),
                ],
            ),
        ],
    }


def powers(config: MicroscopeConfig, array: str, title: str, takeaway: str, span: int) -> Spec:
    """Draw a size over time as powers of ten."""
    bind = {"array": array, "over": "now", "index": ["variant", ":"]}
    places = range(-EXPONENT, EXPONENT + 1, 10)
    return {
        "id": array,
        "title": title,
        "takeaway": takeaway,
        "span": span,
        "height": ROW,
        "x": {"title": "time step", "range": [1, config.length]},
        "y": {
            "title": "size, powers of ten",
            "range": [-EXPONENT, EXPONENT],
            "ticks": [[place, f"10<sup>{place}</sup>" if place else "1"] for place in places],
        },
        "traces": [trace("each", line(), x=list(range(1, config.length + 1)), y=bind)],
    }


def factors(config: MicroscopeConfig) -> Spec:
    """Print the factor per step, measured and, where there is theory, predicted."""
    count = len(config.variants)
    # Read from above: a row for each variant's state, then a row for each one's gradient.
    rows = [[-variant, -variant - count - 1] for variant in range(count)]
    measured = {"array": "per_step_factor", "over": "now", "index": ["variant", ":"]}
    theory = {"array": "theory", "over": "now", "index": ["variant", ":"]}
    dots = {
        "meta": "measured",
        "mode": "markers+text",
        "marker": {"symbol": "@symbol", "size": 9, "color": "@variant"},
        "textposition": "middle right",
        "texttemplate": " %{x:.3g}",
        "textfont": {"color": "@variant"},
        "cliponaxis": False,
    }
    bar = {
        "meta": "predicted",
        "mode": "markers",
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": "@variant"}},
    }
    middles = [-(count - 1) / 2 - (count + 1) * side for side in (0, 1)]
    return {
        "id": "factors",
        "title": "Factor per time step",
        "takeaway": "Bar: theory. Marker: measured in the second half of steps; gradient: first.",
        "span": 4,
        "height": ROW,
        "x": {"title": "factor", "log": True, "range": [0.2, 5], "grow": True},
        "y": {
            "range": [-2 * count - 0.7, 0.7],
            "ticks": [[middles[0], "state"], [middles[1], "gradient"]],
        },
        "margin": {"l": 56},
        "hover": "closest",
        "traces": [
            *(trace(variant, bar, x=theory, y=rows[variant]) for variant in range(count)),
            *(trace(variant, dots, x=measured, y=rows[variant]) for variant in range(count)),
        ],
    }


def summed(config: MicroscopeConfig) -> Spec:
    """Picture the distribution of the summed inputs at every time step."""
    centres = bin_centres()
    style = {
        "colorscale": [[0, "@background"], [1, "@variant"]],
        "zmin": 0,
        "zmax": 255,
        "showscale": False,
        "transpose": True,
        "hoverinfo": "skip",
    }
    return {
        "id": "summed_histogram",
        "title": "Pre-activations a at every time step",
        "takeaway": "Stronger colour: more units have this value; "
        "the outermost cells hold all beyond them.",
        "span": 12,
        "height": ROW,
        "repeat": "variants",
        "x": {"title": "time step", "range": [1, config.length]},
        "y": {"title": "a", "symlog": True, "range": [-100, 100]},
        "traces": [
            trace(
                "panel",
                style,
                kind="heatmap",
                x=list(range(1, config.length + 1)),
                y=centres,
                z={"array": "summed_histogram", "over": "now", "index": ["variant", ":", ":"]},
            )
        ],
    }
