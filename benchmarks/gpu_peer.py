"""PyTorch's times for the cases of GpuCases.java: `python3 gpu_peer.py > peers.csv` on a machine with a GPU and PyTorch.

One line a case, `name;peer,shape,dtype,milliseconds`: the median of 21 runs between two events, after 3 that are not counted.
The peer is PyTorch's own choice unless it is named.
"""

import sys

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

B, L, D, H, T, M = 8, 1024, 1792, 28, 256, 4864
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False


def time(work):
    for _ in range(3):
        work()
    times = []
    for _ in range(21):
        before, after = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        before.record()
        work()
        after.record()
        after.synchronize()
        times.append(before.elapsed_time(after))
    return sorted(times)[10]


def report(name, shape, dtype, work, peer="PyTorch"):
    label = {torch.bfloat16: "bf16", torch.float32: "f32"}[dtype]
    print(f"{name};{peer},{shape},{label},{time(work):.5f}", flush=True)


def normal(dtype, *shape):
    return torch.randn(*shape, device="cuda", dtype=torch.float32).to(dtype)


def products(dtype):
    for name, m, n, k, ta, tb in [
        ("matmul", 4096, 4096, 4096, False, True),
        ("matmul", B * L, 3 * D, D, False, True),
        ("matmul", B * L, D, D, False, True),
        ("matmul input gradient", B * L, D, 3 * D, False, False),
        ("matmul weight gradient", 3 * D, D, B * L, True, False),
    ]:
        a = normal(dtype, k, m).t() if ta else normal(dtype, m, k)
        b = normal(dtype, n, k).t() if tb else normal(dtype, k, n)
        report(name, f"{m}x{n}x{k}", dtype, lambda: torch.mm(a, b))


def attention(dtype):
    for b, h, l, t, d in [(B, H, L, T, 64), (2, H, 4096, T, 64), (2, 16, 4096, T, 128)]:
        q = normal(dtype, b, h, l, d).requires_grad_()
        k = normal(dtype, b, h, l + t, d).requires_grad_()
        v = normal(dtype, b, h, l + t, d).requires_grad_()
        shape = f"b{b} h{h} l{l} t{t} d{d}"
        attend(shape, dtype, q, k, v, "PyTorch")
        if dtype == torch.bfloat16:
            with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
                attend(shape, dtype, q, k, v, "FlashAttention-2")


def attend(shape, dtype, q, k, v, peer):
    with torch.no_grad():
        report("attention forward", shape, dtype, lambda: F.scaled_dot_product_attention(q, k, v), peer)
    out = F.scaled_dot_product_attention(q, k, v)
    grad = torch.randn_like(out)
    report(
        "attention backward",
        shape,
        dtype,
        lambda: torch.autograd.grad(out, (q, k, v), grad, retain_graph=True),
        peer,
    )


def forward_and_backward(name, shape, dtype, function, *inputs):
    with torch.no_grad():
        report(f"{name} forward", shape, dtype, lambda: function(*inputs))
    wanted = [x.requires_grad_() for x in inputs if x.is_floating_point()]
    out = function(*inputs)
    grad = torch.randn_like(out)
    report(f"{name} backward", shape, dtype, lambda: torch.autograd.grad(out, wanted, grad, retain_graph=True))


def norms(dtype):
    rows = B * L * 4
    x = normal(dtype, rows, D)
    forward_and_backward(
        "rms norm", f"{rows}x{D}", dtype, lambda x, s: F.rms_norm(x, (D,), s, 1e-6), x, normal(dtype, D)
    )
    x = normal(dtype, 4 * B, L, D)
    shift, scale = normal(dtype, 4 * B, 1, D), normal(dtype, 4 * B, 1, D)
    forward_and_backward(
        "ada layer norm",
        f"{rows}x{D}",
        dtype,
        torch.compile(lambda x, shift, scale: (1 + scale) * F.layer_norm(x, (D,), eps=1e-6) + shift),
        x,
        shift,
        scale,
    )


def pointwise(dtype):
    rows = B * L * 2
    gate, up = normal(dtype, rows, M), normal(dtype, rows, M)
    shape = f"{rows}x{M}"
    forward_and_backward(
        "geglu", shape, dtype, torch.compile(lambda g, u: F.gelu(g, approximate="tanh") * u), gate, up
    )
    with torch.no_grad():
        report("silu forward", shape, dtype, lambda: F.silu(gate))
    x, branch, gates = normal(dtype, 2 * B, L, D), normal(dtype, 2 * B, L, D), normal(dtype, 2 * B, 1, D)
    compiled = torch.compile(lambda x, g, b: x + g * b)
    with torch.no_grad():
        report("gated residual forward", f"{2 * B}x{L}x{D}", dtype, lambda: compiled(x, gates, branch))
    pictures = normal(dtype, 32, 3, 1024, 1024)
    report("patchify", "b32 3x1024x1024 p32", dtype, lambda: F.pixel_unshuffle(pictures, 32).flatten(2).mT.contiguous())


def update():
    n = 100_000_000
    value = normal(torch.float32, n).requires_grad_()
    value.grad = normal(torch.float32, n)
    optimizer = torch.optim.AdamW([value], lr=1e-4, betas=(0.9, 0.95), weight_decay=0.01, fused=True)
    report("adamw", "100M", torch.float32, optimizer.step)
    with torch.no_grad():
        report("sum of squares", "100M", torch.float32, lambda: torch.linalg.vector_norm(value))
        report("normal noise", "100M", torch.float32, lambda: value.normal_())
        report("moving average", "100M", torch.float32, lambda: value.lerp_(value.grad, 0.001))


if __name__ == "__main__":
    print(torch.cuda.get_device_name(), torch.__version__, file=sys.stderr)
    for dtype in (torch.bfloat16, torch.float32):
        products(dtype)
        torch.cuda.empty_cache()
        attention(dtype)
        torch.cuda.empty_cache()
        norms(dtype)
        torch.cuda.empty_cache()
        pointwise(dtype)
        torch.cuda.empty_cache()
    update()
