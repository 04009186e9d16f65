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
    import net
    from jax import lax

    layout = VARIANT.split("-")[0].upper()  # NCHW or NHWC
    if VARIANT.endswith("-rbg"):
        if MODE == "infer":
            raise Absent("inference draws no random numbers")
        jax.config.update("jax_default_prng_impl", "rbg")
    channel = layout.index("C")
    space = tuple(layout.index(axis) for axis in "HW")
    others = tuple(axis for axis in range(4) if axis != channel)
    numbers = (layout, "OIHW" if layout == "NCHW" else "HWIO", layout)
    keys = iter(jax.random.split(jax.random.key(1), 32))

    def new(c):
        shape = {"O": c.cout, "I": c.cin, "H": c.kernel, "W": c.kernel}
        weights = {"w": jax.random.normal(next(keys), [shape[a] for a in numbers[1]]) * 0.1}
        state = {}
        if c.block:
            weights.update(scale=jnp.ones(c.cout), shift=jnp.zeros(c.cout))
            state = {"mean": jnp.zeros(c.cout), "var": jnp.ones(c.cout)}
        return weights, state

    convs = [layer for layer in net.NET if layer != net.POOL] + [net.HEAD]
    params, states = (list(part) for part in zip(*map(new, convs)))
    count = sum(leaf.size for leaf in jax.tree_util.tree_leaves(params))
    assert count == net.parameters()

    def per_channel(vector):
        return vector.reshape([-1 if axis == channel else 1 for axis in range(4)])

    def apply(c, p, s, h, key):
        h = lax.conv_general_dilated(h, p["w"], (1, 1), [(c.padding,) * 2] * 2,
                                     dimension_numbers=numbers)
        if not c.block:
            return h, s
        h = jnp.maximum(h, 0)
        mean, var = s["mean"], s["var"]
        if key is not None:
            mean, var = h.mean(others), h.var(others)
            n = h.size // c.cout
            keep = 1 - net.BN_MOMENTUM
            s = {"mean": keep * s["mean"] + net.BN_MOMENTUM * mean,
                 "var": keep * s["var"] + net.BN_MOMENTUM * var * (n / (n - 1))}
        factor = p["scale"] * lax.rsqrt(var + net.BN_EPS)
        h = h * per_channel(factor) + per_channel(p["shift"] - mean * factor)
        if key is not None:
            kept = jax.random.bernoulli(key, 1 - net.DROPOUT, h.shape)
            h = jnp.where(kept, h / (1 - net.DROPOUT), 0)
        return h, s

    def model(params, states, x, key):
        h, new_states, i = x, [], 0
        window = tuple(2 if axis in space else 1 for axis in range(4))
        for layer in net.NET + ["global average pool", net.HEAD]:
            if layer == net.POOL:
                h = lax.reduce_window(h, -jnp.inf, lax.max, window, window, "VALID")
            elif isinstance(layer, str):
                h = h.mean(space, keepdims=True)
            else:
                sub = None if key is None else jax.random.fold_in(key, i)
                h, state = apply(layer, params[i], states[i], h, sub)
                new_states.append(state)
                i += 1
        return jax.nn.log_softmax(h.reshape(BATCH, net.CLASSES)), new_states

    shape = {"N": BATCH, "C": 1, "H": net.SIZE, "W": net.SIZE}
    x = jax.random.normal(jax.random.key(2), [shape[a] for a in layout])
    y = jax.random.randint(jax.random.key(3), [BATCH], 0, net.CLASSES)

    if MODE == "infer":
        compiled = jax.jit(lambda p, s, x: model(p, s, x, None)[0])
        return jax.__version__, lambda: compiled(params, states, x).block_until_ready()

    def loss_of(params, states, x, y, key):
        output, states = model(params, states, x, key)
        return -jnp.take_along_axis(output, y[:, None], 1).mean(), states

    def update(params, states, velocity, x, y, key, step):
        (loss, states), grads = jax.value_and_grad(loss_of, has_aux=True)(
            params, states, x, y, jax.random.fold_in(key, step))
        velocity = jax.tree_util.tree_map(lambda v, g: net.MOMENTUM * v + g, velocity, grads)
        params = jax.tree_util.tree_map(lambda p, v: p - net.LR * v, params, velocity)
        return params, states, velocity, loss

    compiled = jax.jit(update, donate_argnums=(0, 1, 2))
    key = jax.random.key(4)
    live = [params, states, jax.tree_util.tree_map(jnp.zeros_like, params)]
    steps = [0]

    def train():
        *live[:], loss = compiled(*live, x, y, key, steps[0])
        steps[0] += 1
        loss.block_until_ready()
    return jax.__version__, train


worker.serve(setup)
