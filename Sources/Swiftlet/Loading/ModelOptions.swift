/// How a model is loaded and run; the defaults suit a server.
public struct ModelOptions: Sendable, Equatable {
  /// The library that computes the matrix products.
  public var gemm = GEMMBackend.automatic
  /// The number type of the linear layers; any checkpoint of float weights loads into either. nil
  /// keeps the checkpoint's: int8 if ``ModelQuantizer`` made it, else float32.
  public var precision: Precision?
  /// How the weights come into memory.
  public var loading = WeightLoading.mapped
  /// Threads that compute at the same time; nil for the processors that the process may use, as its
  /// affinity, its container's quota and `SWIFTLET_THREADS` have it.
  public var threads: Int?
  /// Whether a model is loaded that is made for another task than that of the type that loads it, as
  /// its `architectures`, labels and tensors tell. Such a model is an error otherwise, since its answers
  /// rarely mean anything; the vectors of a classifier's body are an example of what may be wanted.
  /// Tensors that the task needs must be there in any case.
  public var allowsOtherTask = false

  /// All defaults may stay.
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
  /// `native` on x86-64, where it is the faster one; elsewhere `cblas` if a library is there.
  /// `SWIFTLET_GEMM` overrides it.
  case automatic
  /// Swiftlet's own kernels: a text's logits are the same bits alone and in any batch.
  case native
  /// `cblas_sgemm` of OpenBLAS (`libopenblas.so.0`), or of the library in `SWIFTLET_BLAS`.
  case cblas
}

/// The number type of the linear layers.
public enum Precision: String, CaseIterable, Sendable {
  /// Equal to transformers in float32.
  case float32
  /// Weights of 8 bits with a scale for each output, activations of 8 bits with a scale for each
  /// token, exact sums: a quarter of the memory, several times faster with VNNI, nearly the same
  /// answers. Computed by the native kernels, whatever `gemm` says.
  case int8
}

/// How a file of weights comes into memory.
public enum WeightLoading: String, CaseIterable, Sendable {
  /// Mapped: the quickest start from a local disk.
  ///
  /// Embeddings of float32 stay in the file: their pages come in when they are touched, and are shared
  /// between processes. So while a model lives, its file may be replaced (by renaming another one over
  /// it, as Swiftlet does), but must not be overwritten or truncated in place: that would change the
  /// model, or end the process. The other weights, which every text needs, go into memory of their own.
  case mapped
  /// Read in full: for network file systems, and where files may be overwritten.
  case read
  /// Mapped, and the weights that ``ModelQuantizer`` stored stay in the file too: nothing is copied, and
  /// all processes that run the model on a machine share one copy. Texts take 1 to 5 % longer, the
  /// short ones most, since a file has no huge pages.
  case shared
}
