"""PyTorch's time for the training step of GpuTrainStep.java, on the same numbers, so that the losses can be compared.

`python3 gpu_step_peer.py >> peers.csv` on a machine with a GPU and PyTorch. Products are float32 without TF32, as ours are.
"""

import math
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

B, C, SIDE, P, D, DEPTH, H, M, T, TW = 32, 3, 64, 8, 384, 6, 6, 1344, 32, 384
N = SIDE // P
L = N * N
EPS = 1e-6
torch.backends.cuda.matmul.allow_tf32 = False


def uniform(name, count, centre, spread):
    """The stream of Numbers.java: SplitMix64 seeded with the FNV-1a hash of the name."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(state) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, count + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = (z ^ (z >> np.uint64(31))) >> np.uint64(40)
    draws = z.astype(np.float32) * np.float32(2.0**-24)
    return torch.from_numpy(np.float32(centre) + (draws * np.float32(2) - np.float32(1)) * np.float32(spread)).cuda()


def parameter(name, *shape):
    if len(shape) == 2:
        values = uniform(name, shape[0] * shape[1], 0, math.sqrt(3.0 / shape[1]))
    else:
        values = uniform(name, shape[0], 1 if ".norm_" in name else 0, 0.1)
    return values.view(*shape).requires_grad_()


def parameters():
    all = {}

    def linear(name, out, width):
        all[name + ".weight"] = parameter(name + ".weight", out, width)
        all[name + ".bias"] = parameter(name + ".bias", out)

    linear("txt_in", D, TW)
    linear("img_in", D, C * P * P)
    linear("time_in.in_layer", D, 256)
    linear("time_in.out_layer", D, D)
    for i in range(DEPTH):
        at = f"blocks.{i}."
        linear(at + "modulation.lin", 6 * D, D)
        for name, shape in [
            ("attention.img_qkv_proj", (3 * D, D)),
            ("attention.txt_kv_proj", (2 * D, D)),
            ("attention.norm_q", (D // H,)),
            ("attention.norm_k", (D // H,)),
            ("attention.norm_added_k", (D // H,)),
            ("attention.to_out.0", (D, D)),
            ("gate_proj", (M, D)),
            ("up_proj", (M, D)),
            ("down_proj", (D, M)),
        ]:
            all[at + name + ".weight"] = parameter(at + name + ".weight", *shape)
    linear("final_layer.adaLN_modulation.1", 2 * D, D)
    linear("final_layer.linear", C * P * P, D)
    return all


def rotations():
    quarter = D // H // 4
    k = torch.arange(quarter, dtype=torch.float64)
    token = torch.arange(L)
    axes = torch.stack([token // N, token % N], 1).double()
    angle = (axes[:, :, None] * 10000 ** (-k / quarter)).flatten(1)
    return torch.polar(torch.ones_like(angle), angle).to(torch.complex64).cuda()


W = parameters()
ROPE = rotations()
FREQUENCIES = torch.exp(-math.log(10000) * torch.arange(128, dtype=torch.float64) / 128).float().cuda()


def project(name, x):
    return F.linear(x, W[name + ".weight"], W.get(name + ".bias"))


def modulate(x, shift, scale):
    return torch.addcmul(shift, F.layer_norm(x, (D,), eps=EPS), 1 + scale)


def rotate(x):
    return torch.view_as_real(torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2)) * ROPE).flatten(3)


def heads(x, parts):
    return x.view(B, x.shape[1], parts, H, D // H).permute(2, 0, 3, 1, 4)


def forward(x, t, text, mask):
    y = project("txt_in", text)
    image = x.view(B, C, N, P, N, P).permute(0, 2, 4, 1, 3, 5).reshape(B, L, C * P * P)
    image = project("img_in", image)
    angle = (t * 1000)[:, None] * FREQUENCIES
    vec = project(
        "time_in.out_layer", F.silu(project("time_in.in_layer", torch.cat([torch.cos(angle), torch.sin(angle)], 1)))
    )
    condition = F.silu(vec)
    for i in range(DEPTH):
        at = f"blocks.{i}."
        m = project(at + "modulation.lin", condition)[:, None].chunk(6, -1)
        q, k, v = heads(project(at + "attention.img_qkv_proj", modulate(image, m[0], m[1])), 3)
        kt, vt = heads(project(at + "attention.txt_kv_proj", y), 2)
        q = rotate(F.rms_norm(q, (D // H,), W[at + "attention.norm_q.weight"], EPS))
        k = rotate(F.rms_norm(k, (D // H,), W[at + "attention.norm_k.weight"], EPS))
        kt = F.rms_norm(kt, (D // H,), W[at + "attention.norm_added_k.weight"], EPS)
        out = F.scaled_dot_product_attention(q, torch.cat([kt, k], 2), torch.cat([vt, v], 2), attn_mask=mask)
        image = torch.addcmul(image, m[2], project(at + "attention.to_out.0", out.transpose(1, 2).flatten(2)))
        f = modulate(image, m[3], m[4])
        gated = F.gelu(project(at + "gate_proj", f), approximate="tanh") * project(at + "up_proj", f)
        image = torch.addcmul(image, m[5], project(at + "down_proj", gated))
    last = project("final_layer.adaLN_modulation.1", condition)[:, None].chunk(2, -1)
    out = project("final_layer.linear", modulate(image, last[0], last[1]))
    return out.view(B, N, N, C, P, P).permute(0, 3, 1, 4, 2, 5).reshape(B, C, SIDE, SIDE)


def main():
    pictures = uniform("pictures", B * C * SIDE * SIDE, 0, 1).view(B, C, SIDE, SIDE)
    noise = uniform("noise", B * C * SIDE * SIDE, 0, math.sqrt(3)).view(B, C, SIDE, SIDE)
    times = uniform("times", B, 0.5, 0.5)
    text = uniform("text", B * T * TW, 0, math.sqrt(3)).view(B, T, TW)
    lengths = T // 4 + (uniform("text lengths", B, 0.5, 0.5) * (T - T // 4 + 1)).int()
    real = torch.arange(T, device="cuda")[None] < lengths[:, None]
    mask = torch.cat([real, torch.ones(B, L, dtype=torch.bool, device="cuda")], 1)[:, None, None]
    for label, model in [("eager", forward), ("compiled", torch.compile(forward))]:
        for name, value in W.items():
            with torch.no_grad():
                value.copy_(parameter(name, *value.shape))
        optimizer = torch.optim.AdamW(W.values(), lr=1e-4, betas=(0.9, 0.95), eps=1e-15, weight_decay=0, fused=True)
        spent = []
        for step in range(30):
            torch.cuda.synchronize()
            began = time.perf_counter()
            t = times.view(-1, 1, 1, 1)
            velocity = noise - pictures
            loss = F.mse_loss(model(torch.addcmul(pictures, t, velocity), times, text, mask), velocity)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            figure = loss.item()
            torch.cuda.synchronize()
            spent.append((time.perf_counter() - began) * 1000)
            if step < 3:
                print(label, "step", step, "loss", figure, file=sys.stderr)
        print(f"train step;PyTorch {label},px64 p8 d384 x6,f32,{sorted(spent[8:])[11]:.4f}", flush=True)


if __name__ == "__main__":
    main()
