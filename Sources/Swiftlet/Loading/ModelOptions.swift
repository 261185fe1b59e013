import SwiftletRuntime

/// Options of loading and running a model.
public struct ModelOptions: Sendable, Equatable {
  /// The library that computes the matrix products.
  public var gemm = GEMMBackend.automatic
  /// The number type of the linear layers; checkpoints of float weights load into each. nil
  /// selects int8 if ``ModelQuantizer`` wrote the checkpoint, otherwise float32.
  public var precision: Precision?
  /// How the weights are loaded into memory.
  public var loading = WeightLoading.mapped
  /// The number of threads that compute at the same time; nil for the number of processors that
  /// affinity, the container's quota and `SWIFTLET_THREADS` allow.
  public var threads: Int?
  /// Whether a model may be loaded that was made for another task according to its `architectures`,
  /// labels and tensors.
  ///
  /// Otherwise such a model is an error, because its answers are rarely meaningful. An example of a
  /// useful case is the embeddings of a classifier's encoder. The tensors of the task are always
  /// required.
  public var allowsOtherTask = false

  /// Creates options; each has a default.
  public init(
    gemm: GEMMBackend = .automatic, precision: Precision? = nil,
    loading: WeightLoading = .mapped, threads: Int? = nil, allowsOtherTask: Bool = false
  ) {
    self.gemm = gemm
    self.precision = precision
    self.loading = loading
    self.threads = threads
    self.allowsOtherTask = allowsOtherTask
  }
}

/// The library that computes the matrix products.
public enum GEMMBackend: String, CaseIterable, Sendable {
  /// `native` on x86-64, where it is faster; elsewhere `cblas` if a library is installed. The
  /// variable `SWIFTLET_GEMM` overrides it.
  case automatic
  /// Swiftlet's own kernels: a text's logits have the same bits alone and in any batch.
  case native
  /// `cblas_sgemm` of OpenBLAS (`libopenblas.so.0`), or of the library in `SWIFTLET_BLAS`.
  case cblas
}

/// The number type of the linear layers and of the word embeddings.
public enum Precision: String, CaseIterable, Sendable {
  /// 32-bit floats; the results equal transformers in float32.
  case float32
  /// Products of 16-bit floats with 8 significant bits, summed in 32-bit floats.
  ///
  /// Needs a processor with AVX512_BF16: AMD's Zen 4 and 5, Intel's Cooper Lake, Sapphire Rapids
  /// and later. On others loading throws ``SwiftletError``; ``isSupported`` tells beforehand. The
  /// weights of the linear layers take half of float32's memory; embeddings stay float32, and so
  /// does the attention of texts below 16 tokens and of heads whose size is not a multiple of 16.
  /// Logits differ from float32's by about 1e-2. Always computed by the native kernels, and never
  /// the default.
  case bfloat16
  /// 8-bit weights with a scale per output, 8-bit activations with a scale per token, exact sums.
  /// Word embeddings are 8 bits with a scale per word.
  ///
  /// Needs a quarter of the memory, is several times faster with VNNI, and has nearly the same
  /// answers. Always computed by the native kernels.
  case int8

  /// Whether models can be loaded in this precision, by the processor and by `SWIFTLET_ISA`.
  ///
  /// Only ``bfloat16`` may be missing. All are false while `SWIFTLET_ISA` has a value with which
  /// loading throws.
  public var isSupported: Bool {
    (try? Kernels(backend: .native, precision: SwiftletRuntime.Precision(self))) != nil
  }
}

/// How a file of weights is loaded into memory.
public enum WeightLoading: String, CaseIterable, Sendable {
  /// Mapped: the fastest start from a local disk.
  ///
  /// Embeddings of float32 are used in place: their pages are loaded when they are touched, and
  /// shared between processes. While a model is in use, its file may be replaced by renaming
  /// another file, as Swiftlet does, but must not be overwritten or truncated in place: that would
  /// change the model or end the process. The other weights are copied.
  case mapped
  /// Read in full: for network file systems, and for files that may be overwritten.
  case read
  /// Mapped, with the int8 weights of ``ModelQuantizer`` used in place.
  ///
  /// Nothing is copied, and all processes on a machine share one copy. Texts take 1 to 5 % longer,
  /// short ones most, because a mapped file has no huge pages.
  case shared
}
