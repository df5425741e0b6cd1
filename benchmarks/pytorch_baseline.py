"""The published localizers in PyTorch eager, as `realtimessl bench --against pytorch` runs them beside ours: same weights, same inputs, same threads.

Written by us from the networks' descriptions. One request per line on stdin, one answer per line on stdout, both JSON; ends when stdin closes.
  {"do": "load", "file": F, "network": "avenet" or "ezvsl", "threads": N}     a checkpoint; keys that the heatmap does not need are ignored
  {"do": "make", "file": F, "network": ..., "seed": S}                        writes one with random weights, statistics of normalisation as after training
  {"do": "inputs", "image": F, "audio": F, "shapes": [[1,3,H,W],[1,1,R,C]]}   raw float32
  {"do": "outputs", "folder": D}                                              writes image.f32, audio.f32, map.f32
  {"do": "teach", "batch": N, "size": S, "reduced": B, "threads": T}          ResNet-18 to be trained with Adam; reduced: bfloat16 autocast, channels last
  {"do": "time", "what": "image" | "audio" | "pair" | "step", "warm": W, "runs": N}    milliseconds of each run
"""
import json
import sys
import time

try:
    import numpy
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as e:
    print(json.dumps({"absent": str(e)}), flush=True)
    sys.exit(3)


class Block(nn.Module):
    """ResNet's basic block (He et al. 2016), named as in torchvision."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + identity)


class Trunk(nn.Module):
    """ResNet-18 without its classifier."""

    def __init__(self, channels, stem, last_stride):
        super().__init__()
        self.stem = stem
        setattr(self, stem, nn.Conv2d(channels, 64, 7, 2, 3, bias=False))
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for i, (outputs, stride) in enumerate([(64, 1), (128, 2), (256, 2), (512, last_stride)], 1):
            setattr(self, "layer%d" % i, nn.Sequential(Block(inputs, outputs, stride), Block(outputs, outputs, 1)))
            inputs = outputs

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(getattr(self, self.stem)(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class TwoStream(nn.Module):
    """Two trunks and a cosine per cell."""

    temperature = 1.0

    def image(self, x):
        return self.imgnet(x)

    def audio(self, x):
        return F.adaptive_max_pool2d(self.audnet(x), 1).flatten(1)

    def forward(self, image, audio):
        return torch.einsum("ncyx,nc->nyx", F.normalize(self.image(image), dim=1), F.normalize(self.audio(audio), dim=1)) / self.temperature


class AveNet(TwoStream):
    """LVS, SSLalign, SSL-TIE: layer 4 without stride, no projection."""

    def __init__(self):
        super().__init__()
        self.imgnet = Trunk(3, "conv1", 1)
        self.audnet = Trunk(1, "conv1_a", 1)


class EzVsl(TwoStream):
    """EZ-VSL, FNAC, MarginNCE: torchvision's strides, a projection after each trunk."""

    temperature = 0.03

    def __init__(self):
        super().__init__()
        self.imgnet = Trunk(3, "conv1", 2)
        self.audnet = Trunk(1, "conv1", 2)
        self.img_proj = nn.Conv2d(512, 512, 1)
        self.aud_proj = nn.Linear(512, 512)

    def image(self, x):
        return self.img_proj(self.imgnet(x))

    def audio(self, x):
        return self.aud_proj(super().audio(x))


NETWORKS = {"avenet": AveNet, "ezvsl": EzVsl}


class Baseline:
    """The state between requests."""

    def load(self, file, network, threads):
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        saved = torch.load(file, map_location="cpu")
        for container in ("model_state_dict", "state_dict", "model"):
            if container in saved:
                saved = saved[container]
                break
        self.model = NETWORKS[network]().eval()
        wanted = self.model.state_dict()
        found = {key[7:] if key.startswith("module.") else key: value for key, value in saved.items()}
        self.model.load_state_dict({key: value for key, value in found.items() if key in wanted})
        with open("/proc/self/maps" if sys.platform == "linux" else __file__, errors="replace") as maps:
            blas = sorted({line.split()[-1] for line in maps if "/libopenblas" in line or "/libblas" in line or "/libmkl" in line})
        return {"version": torch.__version__, "threads": torch.get_num_threads(), "blas": blas[-1] if blas else None}

    def make(self, file, network, seed):
        torch.manual_seed(seed)
        model = NETWORKS[network]()
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.weight, 1, 0.02)
                nn.init.normal_(module.bias, 0, 0.1)
                module.momentum = None
        with torch.no_grad():
            # Running statistics as training leaves them: activations then have the spread, and the share of zeros, of a real network.
            for _ in range(2):
                model.train()(smooth(2, 3, 112, 112), smooth(2, 1, 129, 100))
        torch.save({"model_state_dict": model.state_dict()}, file)
        return {}

    def inputs(self, image, audio, shapes):
        read = lambda path, shape: torch.from_numpy(numpy.fromfile(path, "<f4").reshape(shape))
        self.data = {"image": (read(image, shapes[0]),), "audio": (read(audio, shapes[1]),)}
        self.data["pair"] = self.data["image"] + self.data["audio"]
        return {}

    def outputs(self, folder):
        self.run("image").numpy().tofile(folder + "/image.f32")
        self.run("audio").numpy().tofile(folder + "/audio.f32")
        self.run("pair").numpy().tofile(folder + "/map.f32")
        return {}

    def teach(self, batch, size, reduced, threads):
        torch.set_num_threads(threads)
        torch.set_grad_enabled(True)
        torch.manual_seed(1)
        self.trunk, self.reduced = Trunk(3, "conv1", 2).train(), reduced
        self.pictures, self.labels = torch.randn(batch, 3, size, size), torch.arange(batch)
        if reduced:
            self.trunk, self.pictures = self.trunk.to(memory_format=torch.channels_last), self.pictures.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.Adam(self.trunk.parameters(), lr=1e-4)
        with open("/proc/self/maps" if sys.platform == "linux" else __file__, errors="replace") as maps:
            blas = sorted({line.split()[-1] for line in maps if "/libopenblas" in line or "/libblas" in line or "/libmkl" in line})
        return {"version": torch.__version__, "threads": torch.get_num_threads(), "blas": blas[-1] if blas else None, "weights": sum(p.numel() for p in self.trunk.parameters())}

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.reduced):
            features = self.trunk(self.pictures)
        loss = F.cross_entropy(features.float().mean((2, 3)), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def time(self, what, warm, runs):
        for _ in range(warm):
            self.run(what)
        ms = []
        for _ in range(runs):
            begin = time.perf_counter_ns()
            self.run(what)
            ms.append((time.perf_counter_ns() - begin) / 1e6)
        return {"ms": ms}

    def run(self, what):
        if what == "step":
            return self.step()
        call = {"image": self.model.image, "audio": self.model.audio, "pair": self.model}[what]
        return call(*self.data[what])


def smooth(*shape):
    """Noise with the spectrum of pictures rather than of a radio between stations."""
    small = torch.randn(shape[0], shape[1], shape[2] // 8, shape[3] // 8)
    return F.interpolate(small, shape[2:], mode="bilinear", align_corners=False) + 0.2 * torch.randn(*shape)


def main():
    baseline = Baseline()
    verbs = {"load": baseline.load, "make": baseline.make, "inputs": baseline.inputs, "outputs": baseline.outputs, "teach": baseline.teach, "time": baseline.time}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = verbs[request.pop("do")](**request)
        except Exception as e:  # Whatever it is, whoever asked must hear of it.
            answer = {"error": "%s: %s" % (type(e).__name__, str(e).replace("\n", " ")[:500])}
        print(json.dumps(answer), flush=True)


main()
