"""Small nets of the usual families, as people write them."""
import torch
from torch import nn
from torch.nn import functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(16 * 2 * 2, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        return F.log_softmax(self.fc2(torch.tanh(self.fc1(x))), dim=1)


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(768, 32), nn.ReLU(inplace=True), nn.Linear(32, 10))


def vgg():
    layers, channels = [], 3
    for size in (8, "M", 16, 16, "M"):
        if size == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, size, 3, padding=1), nn.BatchNorm2d(size), nn.ReLU(True)]
            channels = size
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10))


class Basic(nn.Module):
    def __init__(self, inside, out, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inside, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.down = nn.Sequential(nn.Conv2d(inside, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if stride > 1 else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.down(x) if self.down else x))


def resnet():
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), Basic(8, 8, 1), Basic(8, 16, 2),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))


class Inverted(nn.Module):
    """MobileNetV2's, with MobileNetV3's gate and activation if asked for."""

    def __init__(self, channels, out, stride, gate=False):
        super().__init__()
        wide, act = channels * 4, nn.Hardswish if gate else nn.ReLU6
        self.expand = nn.Sequential(nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), act())
        self.depth = nn.Sequential(nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False), nn.BatchNorm2d(wide), act())
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, 8, 1), nn.ReLU(), nn.Conv2d(8, wide, 1),
                                  nn.Hardsigmoid()) if gate else None
        self.project = nn.Sequential(nn.Conv2d(wide, out, 1, bias=False), nn.BatchNorm2d(out))
        self.residual = stride == 1 and channels == out

    def forward(self, x):
        y = self.depth(self.expand(x))
        if self.gate:
            y = y * self.gate(y)
        y = self.project(y)
        return x + y if self.residual else y


def mobilenet(gate=False):
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), Inverted(8, 8, 1, gate), Inverted(8, 12, 2, gate), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(12, 10))


class Fire(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, 4, 1)
        self.left, self.right = nn.Conv2d(4, 8, 1), nn.Conv2d(4, 8, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.left(x)), F.relu(self.right(x))], 1)


def squeezenet():
    return nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(8), Fire(16),
                         nn.Conv2d(16, 10, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LogSoftmax(1))


class DenseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(8 + 4 * i) for i in range(3))
        self.convs = nn.ModuleList(nn.Conv2d(8 + 4 * i, 4, 3, padding=1, bias=False) for i in range(3))
        self.head = nn.Linear(20, 10)

    def forward(self, x):
        x = self.stem(x)
        for norm, conv in zip(self.norms, self.convs):
            x = torch.cat((x, conv(norm(x).relu())), dim=1)
        return self.head(F.avg_pool2d(x, 16).flatten(1))


class ShuffleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.branch = nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, 1, 1, groups=8),
                                    nn.BatchNorm2d(8))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.stem(x)
        a, b = x.chunk(2, dim=1)
        x = torch.cat([a, self.branch(b)], 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.head(x.mean([2, 3]))


class ConvNeXt(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 4, 4)
        self.depth, self.norm = nn.Conv2d(width, width, 7, padding=3, groups=width), nn.LayerNorm(width, eps=1e-6)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.scale = nn.Parameter(torch.full((width,), 0.1))
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.depth(x).permute(0, 2, 3, 1))
        y = (self.down(F.gelu(self.up(y))) * self.scale).permute(0, 3, 1, 2)
        return self.head((x + y).mean((-2, -1)))


class EfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16, momentum=0.01, eps=1e-3)
        self.reduce, self.expand = nn.Conv2d(16, 4, 1), nn.Conv2d(4, 16, 1)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = F.silu(self.norm(self.stem(x)))
        x = torch.sigmoid(self.expand(F.silu(self.reduce(x.mean((2, 3), keepdim=True))))) * x
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class ViT(nn.Module):
    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads = heads
        self.patches, self.position = nn.Conv2d(3, width, 4, 4), nn.Parameter(torch.randn(1, 16, width) * 0.02)
        self.norm1, self.norm2, self.norm = (nn.LayerNorm(width) for _ in range(3))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width))
        self.head = nn.Linear(width, 10)

    def attend(self, x):
        n, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads).permute(0, 2, 3, 1, 4).unbind(1)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, tokens, width))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.position
        x = x + self.attend(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return self.head(self.norm(x).mean(1))


class UNet(nn.Module):
    """Its output is a class for the image, for the sake of one loss for all."""

    def __init__(self):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.up, self.join = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(16, 10, 3, padding=1)

    def forward(self, x):
        a = F.leaky_relu(self.down1(x), 0.1)
        b = F.leaky_relu(self.down2(F.avg_pool2d(a, 2)), 0.1)
        c = F.interpolate(b, scale_factor=2, mode="nearest")
        return (self.join(torch.cat([a, self.up(b)], 1)) + F.pad(c, (0, 0, 0, 0, 0, 0))[:, :10]).amax((2, 3))


def groupnorm():
    return nn.Sequential(nn.Conv2d(3, 12, 3), nn.GroupNorm(3, 12), nn.ELU(), nn.Conv2d(12, 12, 3, stride=2),
                         nn.InstanceNorm2d(12, affine=True), nn.PReLU(12), nn.Flatten(), nn.Linear(12 * 36, 10))


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.five = nn.Conv2d(3, 4, 1), nn.Sequential(nn.Conv2d(3, 4, (1, 5), padding=(0, 2)), nn.Conv2d(4, 4, (5, 1), padding="same"))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(3, 4, 1))
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        x = torch.cat([self.one(x), self.five(x), self.pool(x)], 1)
        x = F.softplus(x) - 0.5 * torch.exp(-x * x)
        return self.head(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


def dilated():
    return nn.Sequential(nn.Conv2d(3, 8, 3, dilation=2), nn.Mish(), nn.Conv2d(8, 8, 3, dilation=(1, 2), bias=False), nn.BatchNorm2d(8, affine=True),
                         nn.Hardtanh(), nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.Flatten(), nn.Linear(8 * 5 * 4, 10))


NETS = {"lenet": LeNet, "mlp": mlp, "vgg": vgg, "resnet": resnet, "mobilenet_v2": mobilenet,
        "mobilenet_v3": lambda: mobilenet(True), "squeezenet": squeezenet, "densenet": DenseNet, "shufflenet": ShuffleNet,
        "convnext": ConvNeXt, "efficientnet": EfficientNet, "vit": ViT, "unet": UNet, "groupnorm": groupnorm,
        "inception": Inception, "dilated": dilated}
