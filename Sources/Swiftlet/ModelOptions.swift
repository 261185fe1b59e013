/// How a model is loaded and run; the defaults suit a server.
public struct ModelOptions: Sendable, Equatable {
  /// Who computes the matrix products.
  public var gemm = GEMMBackend.automatic
  /// How the weights come into memory.
  public var loading = WeightLoading.mapped
  /// Threads that compute at the same time; nil for the processors that the process may use, as its
  /// affinity, its container's quota and `SWIFTLET_THREADS` have it.
  public var threads: Int?

  /// All defaults may stay.
  public init(
    gemm: GEMMBackend = .automatic, loading: WeightLoading = .mapped, threads: Int? = nil
  ) {
    self.gemm = gemm
    self.loading = loading
    self.threads = threads
  }
}

/// Who computes the matrix products.
public enum GEMMBackend: String, CaseIterable, Sendable {
  /// `native` on AVX2 and AVX-512, where it is the faster one; elsewhere `cblas` if a library is
  /// there. `SWIFTLET_GEMM` overrides it.
  case automatic
  /// Swiftlet's own kernels: a text's logits are the same bits alone and in any batch.
  case native
  /// `cblas_sgemm` of OpenBLAS (`libopenblas.so.0`), or of the library in `SWIFTLET_BLAS`.
  case cblas
}

/// How a file of weights comes into memory.
public enum WeightLoading: String, CaseIterable, Sendable {
  /// Mapped: the quickest start from a local disk.
  case mapped
  /// Read in full: for network file systems.
  case read
}
