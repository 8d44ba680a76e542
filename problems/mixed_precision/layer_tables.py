"""Layers of well-known networks: shapes, which layers read the same input, and where residual connections join.

Shapes are those of the papers, for one image of the usual size or one sequence of the given number of tokens.
Layers that read the same tensor must quantise it alike, so they have the same bits, as in HAWQ-V3.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layer:
    """One convolution or matrix product.

    Attributes:
        name: its name.
        parameters: number of weights.
        macs: multiply-accumulate operations.
        values: activations that it reads and writes.
    """

    name: str
    parameters: int
    macs: int
    values: int


@dataclass
class Table:
    """The layers of a network, in the order of execution.

    Attributes:
        layers: the layers.
        groups: positions of layers that must agree.
        joins: positions of layers whose outputs a residual connection adds.
    """

    layers: list[Layer] = field(default_factory=list)
    groups: list[list[int]] = field(default_factory=list)
    joins: list[tuple[int, int]] = field(default_factory=list)

    def conv(
        self, name: str, inputs: int, outputs: int, kernel: int | tuple[int, int], size: int, stride: int = 1,
        parts: int = 1,
    ) -> int:  # fmt: skip
        """Add a convolution whose output is ``size`` pixels wide and high; its position."""
        high, wide = (kernel, kernel) if isinstance(kernel, int) else kernel
        parameters = inputs // parts * outputs * high * wide
        values = inputs * (size * stride) ** 2 + outputs * size**2
        self.layers.append(Layer(name, parameters, parameters * size**2, values))
        return len(self.layers) - 1

    def linear(self, name: str, inputs: int, outputs: int, tokens: int = 1) -> int:
        """Add a matrix product for each of ``tokens`` vectors; its position."""
        self.layers.append(Layer(name, inputs * outputs, inputs * outputs * tokens, (inputs + outputs) * tokens))
        return len(self.layers) - 1


def basic_resnet(depths: tuple[int, ...]) -> Table:
    """A residual network of basic blocks on 224 x 224 pixels: (2, 2, 2, 2) is ResNet-18 (He et al. 2016)."""
    table = Table()
    before = table.conv("conv1", 3, 64, 7, 112, 2)
    width = 64
    for stage, depth in enumerate(depths):
        outputs, size = 64 << stage, 56 >> stage
        for block in range(depth):
            stride = 2 if stage and not block else 1
            name = f"layer{stage + 1}.{block}"
            first = table.conv(f"{name}.conv1", width, outputs, 3, size, stride)
            second = table.conv(f"{name}.conv2", outputs, outputs, 3, size)
            before = _join(table, name, first, second, before, (width, outputs, size, stride))
            width = outputs
    table.linear("fc", width, 1000)
    return table


def bottleneck_resnet(depths: tuple[int, ...]) -> Table:
    """A residual network of bottlenecks on 224 x 224 pixels: (3, 4, 6, 3) is ResNet-50 (He et al. 2016)."""
    table = Table()
    before = table.conv("conv1", 3, 64, 7, 112, 2)
    width = 64
    for stage, depth in enumerate(depths):
        middle, size = 64 << stage, 56 >> stage
        for block in range(depth):
            stride = 2 if stage and not block else 1
            name = f"layer{stage + 1}.{block}"
            first = table.conv(f"{name}.conv1", width, middle, 1, size * stride)
            table.conv(f"{name}.conv2", middle, middle, 3, size, stride)
            last = table.conv(f"{name}.conv3", middle, 4 * middle, 1, size)
            before = _join(table, name, first, last, before, (width, 4 * middle, size, stride))
            width = 4 * middle
    table.linear("fc", width, 1000)
    return table


def _join(table: Table, name: str, first: int, last: int, before: int, shape: tuple[int, int, int, int]) -> int:
    """Add the shortcut of a block where shapes change; the position of the layer that the next block joins with."""
    inputs, outputs, size, stride = shape
    if stride == 1 and inputs == outputs:
        table.joins.append((before, last))
        return last
    shortcut = table.conv(f"{name}.downsample", inputs, outputs, 1, size, stride)
    table.groups.append([first, shortcut])
    table.joins.append((last, shortcut))
    return last


def mobilenet_v2() -> Table:
    """MobileNetV2 on 224 x 224 pixels (Sandler et al. 2018, table 2)."""
    table = Table()
    before = table.conv("stem", 3, 32, 3, 112, 2)
    width, size = 32, 112
    plan = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    number = 0
    for expansion, outputs, repeats, first_stride in plan:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            wide = expansion * width
            if expansion > 1:
                table.conv(f"block{number}.expand", width, wide, 1, size)
            size //= stride
            table.conv(f"block{number}.depthwise", wide, wide, 3, size, stride, parts=wide)
            last = table.conv(f"block{number}.project", wide, outputs, 1, size)
            if stride == 1 and width == outputs:
                table.joins.append((before, last))
            before, width, number = last, outputs, number + 1
    table.conv("head", width, 1280, 1, size)
    table.linear("classifier", 1280, 1000)
    return table


def inception_v3() -> Table:
    """Inception-V3 on 299 x 299 pixels (Szegedy et al. 2016); branches that read the same tensor agree."""
    table = Table()
    table.conv("stem1", 3, 32, 3, 149, 2)
    table.conv("stem2", 32, 32, 3, 147)
    table.conv("stem3", 32, 64, 3, 147)
    table.conv("stem4", 64, 80, 1, 73)
    table.conv("stem5", 80, 192, 3, 71)
    width = 192
    for number, pooled in enumerate((32, 64, 64)):
        width = _branches(table, f"a{number}", width, 35, (
            ((64, 1),), ((48, 1), (64, 5)), ((64, 1), (96, 3), (96, 3)), ((pooled, 1),),
        ))  # fmt: skip
    width += _branches(table, "reduce_a", width, 17, (((384, 3),), ((64, 1), (96, 3), (96, 3))), strided=True)
    for number, narrow in enumerate((128, 160, 160, 192)):
        row, column = (1, 7), (7, 1)
        width = _branches(table, f"b{number}", width, 17, (
            ((192, 1),), ((narrow, 1), (narrow, row), (192, column)),
            ((narrow, 1), (narrow, column), (narrow, row), (narrow, column), (192, row)), ((192, 1),),
        ))  # fmt: skip
    width += _branches(
        table,
        "reduce_b",
        width,
        8,
        (((192, 1), (320, 3)), ((192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3))),
        True,
    )
    for number in range(2):
        begin = len(table.layers)
        table.conv(f"c{number}.1x1", width, 320, 1, 8)
        table.conv(f"c{number}.3x3", width, 384, 1, 8)
        table.groups.append([table.conv(f"c{number}.3x3.{part}", 384, 384, kernel, 8) for part, kernel in _CROSS])
        double = table.conv(f"c{number}.double", width, 448, 1, 8)
        table.conv(f"c{number}.double.3x3", 448, 384, 3, 8)
        table.groups.append(
            [table.conv(f"c{number}.double.{part}", 384, 384, kernel, 8) for part, kernel in _CROSS]
        )
        pool = table.conv(f"c{number}.pool", width, 192, 1, 8)
        table.groups.append([begin, begin + 1, double, pool])
        width = 2048
    table.linear("fc", width, 1000)
    return table


_CROSS = (("row", (1, 3)), ("column", (3, 1)))

Branch = tuple[tuple[int, int | tuple[int, int]], ...]
"""(output channels, kernel) of each convolution."""


def _branches(
    table: Table, name: str, inputs: int, size: int, branches: tuple[Branch, ...], strided: bool = False
) -> int:
    """Add parallel branches whose outputs are concatenated; the channels of the result, pooling not included.

    With ``strided`` the last convolution of each branch halves the image to ``size``.
    """
    heads = []
    for number, branch in enumerate(branches):
        width = inputs
        for place, (outputs, kernel) in enumerate(branch):
            last = place == len(branch) - 1
            here = 2 * size + 1 if strided and not last else size
            stride = 2 if strided and last else 1
            position = table.conv(f"{name}.{number}.{place}", width, outputs, kernel, here, stride)
            if place == 0:
                heads.append(position)
            width = outputs
    table.groups.append(heads)
    return sum(branch[-1][0] for branch in branches)


def encoder(blocks: int, width: int, inner: int, tokens: int) -> Table:
    """A transformer encoder: (12, 768, 3072) is BERT-base (Devlin et al. 2019); query, key and value agree."""
    table = Table()
    before = None
    for block in range(blocks):
        heads = [table.linear(f"block{block}.{part}", width, width, tokens) for part in ("query", "key", "value")]
        table.groups.append(heads)
        mix = table.linear(f"block{block}.mix", width, width, tokens)
        table.linear(f"block{block}.up", width, inner, tokens)
        down = table.linear(f"block{block}.down", inner, width, tokens)
        if before is not None:
            table.joins.append((before, mix))
        table.joins.append((mix, down))
        before = down
    table.linear("pooler", width, width)
    table.linear("classifier", width, 2)
    return table


def fused_decoder(blocks: int, width: int, tokens: int) -> Table:
    """A transformer decoder with query, key and value in one product: (96, 12288) is GPT-3 (Brown et al. 2020)."""
    table = Table()
    before = None
    for block in range(blocks):
        table.linear(f"block{block}.qkv", width, 3 * width, tokens)
        mix = table.linear(f"block{block}.mix", width, width, tokens)
        table.linear(f"block{block}.up", width, 4 * width, tokens)
        down = table.linear(f"block{block}.down", 4 * width, width, tokens)
        if before is not None:
            table.joins.append((before, mix))
        table.joins.append((mix, down))
        before = down
    return table


def gated_decoder(blocks: int, width: int, shared: int, inner: int, tokens: int) -> Table:
    """A decoder with gated units: (32, 4096, 4096, 11008) is Llama-2-7B (Touvron et al. 2023).

    ``shared`` is the width of keys and values. Query, key and value agree, and so do gate and up.
    """
    table = Table()
    before = None
    for block in range(blocks):
        widths = (("query", width), ("key", shared), ("value", shared))
        table.groups.append([table.linear(f"block{block}.{part}", width, own, tokens) for part, own in widths])
        mix = table.linear(f"block{block}.mix", width, width, tokens)
        table.groups.append([table.linear(f"block{block}.{part}", width, inner, tokens) for part in ("gate", "up")])
        down = table.linear(f"block{block}.down", inner, width, tokens)
        if before is not None:
            table.joins.append((before, mix))
        table.joins.append((mix, down))
        before = down
    return table


def vgg16() -> Table:
    """VGG-16 on 224 x 224 pixels (Simonyan and Zisserman 2015): a chain without residual connections."""
    table = Table()
    width, size = 3, 224
    for stage, (outputs, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))):
        for number in range(depth):
            table.conv(f"conv{stage + 1}_{number + 1}", width, outputs, 3, size)
            width = outputs
        size //= 2
    for name, inputs, outputs in (("fc6", 512 * 49, 4096), ("fc7", 4096, 4096), ("fc8", 4096, 1000)):
        table.linear(name, inputs, outputs)
    return table


def deep_chain(depth: int) -> Table:
    """A plain chain of ``depth`` convolutions in four stages, like the plain networks of He et al. (2016)."""
    table = Table()
    width = 64
    table.conv("conv0", 3, width, 7, 112, 2)
    for number in range(1, depth - 1):
        stage = 4 * (number - 1) // (depth - 2)
        outputs = 64 << stage
        table.conv(f"conv{number}", width, outputs, 3, 56 >> stage, 1 if width == outputs else 2)
        width = outputs
    table.linear("fc", width, 1000)
    return table


NETWORKS: dict[str, Callable[[], Table]] = {
    "resnet18": lambda: basic_resnet((2, 2, 2, 2)),
    "resnet34": lambda: basic_resnet((3, 4, 6, 3)),
    "resnet50": lambda: bottleneck_resnet((3, 4, 6, 3)),
    "resnet101": lambda: bottleneck_resnet((3, 4, 23, 3)),
    "resnet152": lambda: bottleneck_resnet((3, 8, 36, 3)),
    "mobilenetv2": mobilenet_v2,
    "inceptionv3": inception_v3,
    "bert_base": lambda: encoder(12, 768, 3072, 128),
    "bert_large": lambda: encoder(24, 1024, 4096, 128),
    "gpt2_xl": lambda: fused_decoder(48, 1600, 256),
    "gpt3": lambda: fused_decoder(96, 12288, 256),
    "llama2_7b": lambda: gated_decoder(32, 4096, 4096, 11008, 256),
    "llama2_70b": lambda: gated_decoder(80, 8192, 1024, 28672, 256),
    "vgg16": vgg16,
    "plain34": lambda: deep_chain(34),
    "plain60": lambda: deep_chain(60),
}
"""Layer tables by name."""
