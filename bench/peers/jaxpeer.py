"""JAX on the CPU: one jitted step, NCHW or NHWC, dropout bits from threefry or
from XLA's own generator (rbg)."""

import os

import worker
from worker import Absent, BATCH, MODE, VARIANT


def setup():
    os.environ["JAX_PLATFORMS"] = "cpu"
    try:
        import jax
    except ImportError as error:
        raise Absent(f"JAX: {error}")
    import jax.numpy as jnp
    from graph import LR, MOMENTUM
    from jax import lax

    graph = worker.graph()
    layout = VARIANT.split("-")[0].upper()  # NCHW or NHWC
    if VARIANT.endswith("-rbg"):
        if MODE == "infer" or not any(n.op == "dropout" for n in graph.nodes):
            raise Absent("draws no random numbers: the same as without rbg")
        jax.config.update("jax_default_prng_impl", "rbg")
    channel = layout.index("C")
    space = tuple(layout.index(axis) for axis in "HW")
    others = tuple(axis for axis in range(4) if axis != channel)
    numbers = (layout, "OIHW" if layout == "NCHW" else "HWIO", layout)

    params, states = {}, {}
    for i, (name, shape) in enumerate(graph.parameters.items()):
        if len(shape) == 4:
            axes = dict(zip("OIHW", shape))
            params[name] = 0.1 * jax.random.normal(jax.random.key(i), [axes[a] for a in numbers[1]])
    for n in graph.nodes:
        if n.op == "batch_norm":
            size = graph.parameters[n.tensors["weight"]]
            params[n.tensors["weight"]], params[n.tensors["bias"]] = jnp.ones(size), jnp.zeros(size)
            states[n.tensors["mean"]], states[n.tensors["var"]] = jnp.zeros(size), jnp.ones(size)
    count = sum(leaf.size for leaf in jax.tree_util.tree_leaves(params))
    assert count == graph.parameter_count()

    def per_channel(vector):
        return vector.reshape([-1 if axis == channel else 1 for axis in range(4)])

    def batch_norm(n, params, states, new_states, h, training):
        mean_name, var_name = n.tensors["mean"], n.tensors["var"]
        mean, var = states[mean_name], states[var_name]
        if training:
            mean, var = h.mean(others), h.var(others)
            m, count = n.attributes["momentum"], h.size // mean.size
            new_states[mean_name] = (1 - m) * states[mean_name] + m * mean
            new_states[var_name] = (1 - m) * states[var_name] + m * var * (count / (count - 1))
        factor = params[n.tensors["weight"]] * lax.rsqrt(var + n.attributes["eps"])
        return h * per_channel(factor) + per_channel(params[n.tensors["bias"]] - mean * factor)

    def max_pool(n, h):
        def four(values, rest):
            at = dict(zip("HW", values))
            return tuple(at.get(axis, rest) for axis in layout)
        a = n.attributes
        return lax.reduce_window(h, -jnp.inf, lax.max, four(a["kernel"], 1), four(a["stride"], 1),
                                 four([(p, p) for p in a["padding"]], (0, 0)),
                                 window_dilation=four(a["dilation"], 1))

    def apply(n, params, states, new_states, inputs, key, index):
        h, a = inputs[0], n.attributes
        if n.op == "conv2d":
            return lax.conv_general_dilated(
                h, params[n.tensors["filter"]], a["stride"], [(p, p) for p in a["padding"]],
                rhs_dilation=a["dilation"], dimension_numbers=numbers,
                feature_group_count=a["groups"])
        if n.op == "batch_norm":
            return batch_norm(n, params, states, new_states, h, key is not None)
        if n.op == "dropout":
            if key is None:
                return h
            kept = jax.random.bernoulli(jax.random.fold_in(key, index), 1 - a["p"], h.shape)
            return jnp.where(kept, h / (1 - a["p"]), 0)
        if n.op == "max_pool2d":
            return max_pool(n, h)
        return {"relu": lambda: jnp.maximum(h, 0), "add": lambda: h + inputs[1],
                "global_avg_pool": lambda: h.mean(space, keepdims=True),
                # One pixel is left of each channel: the order of the axes is no matter.
                "flatten": lambda: h.reshape(BATCH, -1),
                "log_softmax": lambda: jax.nn.log_softmax(h)}[n.op]()

    for n in graph.nodes:
        if n.op == "flatten" and graph.shape_of(n.inputs[0])[1:] != (1, 1):
            raise Absent("flatten of more than one pixel is not written here")

    def model(params, states, x, key):
        values, new_states = {"image": x}, dict(states)
        for index, n in enumerate(graph.nodes):
            values[n.name] = apply(n, params, states, new_states, [values[i] for i in n.inputs],
                                   key, index)
        return values[graph.nodes[-1].name], new_states

    axes = {"N": BATCH, **dict(zip("CHW", graph.input_shape))}
    x = jax.random.normal(jax.random.key(1002), [axes[a] for a in layout])
    y = jax.random.randint(jax.random.key(1003), [BATCH], 0, graph.classes)

    if MODE == "infer":
        compiled = jax.jit(lambda p, s, x: model(p, s, x, None)[0])
        return jax.__version__, lambda: compiled(params, states, x).block_until_ready()

    def loss_of(params, states, x, y, key):
        output, states = model(params, states, x, key)
        return -jnp.take_along_axis(output, y[:, None], 1).mean(), states

    def update(params, states, velocity, x, y, key, step):
        (loss, states), grads = jax.value_and_grad(loss_of, has_aux=True)(
            params, states, x, y, jax.random.fold_in(key, step))
        velocity = jax.tree_util.tree_map(lambda v, g: MOMENTUM * v + g, velocity, grads)
        params = jax.tree_util.tree_map(lambda p, v: p - LR * v, params, velocity)
        return params, states, velocity, loss

    compiled = jax.jit(update, donate_argnums=(0, 1, 2))
    key = jax.random.key(1004)
    live = [params, states, jax.tree_util.tree_map(jnp.zeros_like, params)]
    steps = [0]

    def train():
        *live[:], loss = compiled(*live, x, y, key, steps[0])
        steps[0] += 1
        loss.block_until_ready()
    return jax.__version__, train


worker.serve(setup)
