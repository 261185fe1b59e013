"""The compared engines, each set up as its own documentation has it for a CPU server.

An engine takes lists of token ids, prepares them once (padding is not timed), and runs them.
`threads` is what one call uses, `streams` how many calls run at the same time.
"""

import os
import threading


class Engine:
    precision = "float32"
    #: Whether the check batch must be run text by text.
    checks_one_by_one = False
    #: Whether several calls may run at the same time.
    takes_streams = True
    #: Takes part in each so-manieth round of latencies.
    every = 1
    #: Is measured only where it is held to an instruction set.
    is_for_tiers = False

    def __init__(self, root, model):
        self.root = root
        self.model = model

    def load(self, threads, streams):
        raise NotImplementedError

    def prepare(self, batch):
        """The batch padded to its longest text, and the mask that says so."""
        import numpy as np

        width = max(map(len, batch))
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, text in enumerate(batch):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return ids, mask

    def run(self, prepared):
        """The logits, a row for each text."""
        raise NotImplementedError

    def run_all(self, batches, streams):
        """Runs all batches, `streams` of them at a time."""
        if streams == 1:
            for batch in batches:
                self.run(batch)
            return
        queue, lock, errors = iter(batches), threading.Lock(), []

        def work():
            try:
                while True:
                    with lock:
                        batch = next(queue, None)
                    if batch is None:
                        return
                    self.run(batch)
            except Exception as error:
                errors.append(error)

        team = [threading.Thread(target=work) for _ in range(streams)]
        for member in team:
            member.start()
        for member in team:
            member.join()
        if errors:
            raise errors[0]


class PyTorch(Engine):
    title = "PyTorch"
    # Importing it takes longer than what is measured.
    every = 2
    package = "torch"

    @property
    def dtype(self):
        return self.precision

    def load(self, threads, streams):
        import torch
        import transformers

        transformers.utils.logging.disable_progress_bar()
        torch.set_num_threads(threads)
        self.torch = torch
        self.function = transformers.DistilBertForSequenceClassification.from_pretrained(
            self.model, dtype=getattr(torch, self.dtype), attn_implementation="sdpa"
        ).eval()

    def prepare(self, batch):
        return tuple(self.torch.from_numpy(array) for array in super().prepare(batch))

    def run(self, prepared):
        with self.torch.inference_mode():
            return self.logits(prepared)

    def logits(self, prepared):
        """numpy has no bfloat16."""
        output = self.function(input_ids=prepared[0], attention_mask=prepared[1])
        return output.logits.float().numpy()


class PyTorchBFloat16(PyTorch):
    """The whole model in bfloat16, norms and softmax too."""

    precision = "bfloat16"


class AutocastPyTorch(PyTorch):
    """The weights in float32, rounded in each call."""

    title = "PyTorch, autocast"
    precision = "bfloat16"
    dtype = "float32"

    def run(self, prepared):
        with self.torch.autocast("cpu", dtype=self.torch.bfloat16):
            return super().run(prepared)


class OneDNNPyTorch(PyTorch):
    """Its linear layers by oneDNN, which can be held to an instruction set on any processor; MKL, which
    has them otherwise, only on Intel's."""

    title = "PyTorch with oneDNN"
    is_for_tiers = True

    def load(self, threads, streams):
        super().load(threads, streams)
        from torch.utils import mkldnn

        self.function = mkldnn.to_mkldnn(self.function)


class CompiledPyTorch(PyTorch):
    title = "PyTorch, compiled"
    checks_one_by_one = True
    takes_streams = False

    def load(self, threads, streams):
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(self.root / "inductor"))
        super().load(threads, streams)
        import torch._dynamo.config
        import torch._inductor.config

        torch._inductor.config.freezing = True
        torch._dynamo.config.cache_size_limit = 64
        self.function = self.torch.compile(self.function, dynamic=True)

    def run(self, prepared):
        # Freezing the weights needs no_grad; inference_mode would compile anew.
        with self.torch.no_grad():
            return self.logits(prepared)


class CompiledPyTorchBFloat16(CompiledPyTorch):
    precision = "bfloat16"


class ONNXRuntime(Engine):
    title = "ONNX Runtime"
    package = "onnxruntime"
    file = "fused.onnx"

    def load(self, threads, streams):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(self.root / "onnx" / self.file), options, providers=["CPUExecutionProvider"]
        )

    def prepare(self, batch):
        ids, mask = super().prepare(batch)
        return {"input_ids": ids, "attention_mask": mask}

    def run(self, prepared):
        return self.session.run(None, prepared)[0]


class ONNXRuntimeInt8(ONNXRuntime):
    precision = "int8"
    file = "int8.onnx"


class OpenVINO(Engine):
    title = "OpenVINO"
    package = "openvino"
    file = "float32.xml"
    #: Without it, float32 models are computed in bfloat16 where the CPU has that.
    hint = "f32"

    def load(self, threads, streams):
        import openvino

        configuration = {
            "INFERENCE_NUM_THREADS": threads * streams,
            "NUM_STREAMS": streams,
            "PERFORMANCE_HINT": "LATENCY" if streams == 1 else "THROUGHPUT",
            "INFERENCE_PRECISION_HINT": self.hint,
        }
        path = self.root / "openvino" / self.file
        compiled = openvino.Core().compile_model(path, "CPU", configuration)
        self.request = compiled.create_infer_request()
        if streams > 1:
            self.queue = openvino.AsyncInferQueue(compiled, streams)

    def prepare(self, batch):
        ids, mask = super().prepare(batch)
        return {"input_ids": ids, "attention_mask": mask}

    def run(self, prepared):
        return self.request.infer(prepared, share_inputs=True, share_outputs=True)[0].copy()

    def run_all(self, batches, streams):
        if streams == 1:
            return super().run_all(batches, 1)
        for batch in batches:
            self.queue.start_async(batch, share_inputs=True)
        self.queue.wait_all()


class OpenVINOBFloat16(OpenVINO):
    """The default on processors that multiply bfloat16."""

    precision = "bfloat16"
    hint = "bf16"


class OpenVINOInt8(OpenVINO):
    precision = "int8"
    file = "int8.xml"


class CTranslate2(Engine):
    """Its encoder; the small head runs in numpy."""

    title = "CTranslate2"
    package = "ctranslate2"
    compute_type = "float32"

    def load(self, threads, streams):
        import ctranslate2
        import numpy

        self.view = ctranslate2.StorageView.from_array
        self.numpy = numpy
        self.encoder = ctranslate2.Encoder(
            str(self.root / f"ctranslate2-{self.precision}"),
            device="cpu",
            inter_threads=streams,
            intra_threads=threads,
            compute_type=self.compute_type,
        )
        self.head = list(numpy.load(self.root / "head.npz").values())

    def prepare(self, batch):
        ids, mask = super().prepare(batch)
        return ids.astype("int32"), mask.sum(1).astype("int32")

    def run(self, prepared):
        output = self.encoder.forward_batch(*map(self.view, prepared))
        hidden = self.numpy.array(output.last_hidden_state, copy=False)
        inner, inner_bias, outer, outer_bias = self.head
        return self.numpy.maximum(hidden[:, 0] @ inner.T + inner_bias, 0) @ outer.T + outer_bias


class CTranslate2Int8(CTranslate2):
    precision = "int8"
    compute_type = "int8_float32"


ENGINES = {
    "onnxruntime": ONNXRuntime,
    "openvino": OpenVINO,
    "ctranslate2": CTranslate2,
    "pytorch": PyTorch,
    "pytorch-onednn": OneDNNPyTorch,
    "pytorch-compiled": CompiledPyTorch,
    # CTranslate2 computes bfloat16 on GPUs only, and ONNX Runtime on arm64.
    "openvino-bfloat16": OpenVINOBFloat16,
    "pytorch-bfloat16": PyTorchBFloat16,
    "pytorch-bfloat16-autocast": AutocastPyTorch,
    "pytorch-bfloat16-compiled": CompiledPyTorchBFloat16,
    "onnxruntime-int8": ONNXRuntimeInt8,
    "openvino-int8": OpenVINOInt8,
    "ctranslate2-int8": CTranslate2Int8,
}
