import Glibc
package import SwiftletKernelCore
import SwiftletSystem

/// `cblas_sgemm` of a library that is loaded at run time: OpenBLAS, or what `SWIFTLET_BLAS` names.
///
/// Loaded, not linked, because OpenBLAS chooses its kernels while it loads and must be told before:
/// releases older than the CPU take it for a Prescott and run five to ten times slower. It runs
/// with one thread; Swiftlet divides the work among its own threads.
package struct BLAS: Sendable {
  /// The name that loaded the library.
  package let library: String
  /// The kernels that OpenBLAS reports; nil for other libraries.
  package let core: String?
  private let sgemm: SGEMM

  private typealias SGEMM =
    @convention(c) (
      _ order: CInt, _ transposeA: CInt, _ transposeB: CInt, _ m: CInt, _ n: CInt, _ k: CInt,
      _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: CInt, _ b: UnsafePointer<Float>,
      _ ldb: CInt, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: CInt
    ) -> Void

  /// The library of this process: loaded once, at the first use.
  package static let shared: Result<BLAS, KernelsError> = {
    let names =
      environment("SWIFTLET_BLAS").map { [$0] }
      ?? ["libopenblas.so.0", "libopenblas.so", "libblis.so.4", "libmkl_rt.so.2"]
    return Result { () throws(KernelsError) in
      try BLAS(loadingFirstOf: names, features: .current)
    }
  }()

  init(loadingFirstOf names: [String], features: ProcessorFeatures) throws(KernelsError) {
    var reason = ""
    for name in names {
      guard let handle = Self.open(name, features: features) else {
        reason = dlerror().map { String(cString: $0) } ?? "unknown error"
        continue
      }
      guard let symbol = dlsym(handle, "cblas_sgemm") else {
        reason = "\(name) has no cblas_sgemm"
        dlclose(handle)
        continue
      }
      sgemm = unsafeBitCast(symbol, to: SGEMM.self)
      library = name
      core = Self.coreName(handle)
      Self.useOneThread(handle)
      return
    }
    throw .noBLAS(tried: names, reason: reason)
  }

  /// out[M, N] = x[M, K] wᵀ + beta out, for w [N, K].
  package func multiply(
    _ x: Matrix<Float>, transposing w: Matrix<Float>, beta: Float, into out: Matrix<Float>
  ) {
    let (rowMajor, plain, transposed) = (CInt(101), CInt(111), CInt(112))
    sgemm(
      rowMajor, plain, transposed, CInt(x.rows), CInt(w.rows), CInt(x.columns), 1, x.pointer,
      CInt(x.stride), w.pointer, CInt(w.stride), beta, out.pointer, CInt(out.stride))
  }

  /// Opens a library. While it loads, OpenBLAS's variables are set, unless the user has set them.
  private static func open(
    _ name: String, features: ProcessorFeatures
  ) -> UnsafeMutableRawPointer? {
    var variables = [("OPENBLAS_NUM_THREADS", "1")]
    if features.hasAVX512 {
      variables.append(("OPENBLAS_CORETYPE", "SkylakeX"))
    } else if features.hasAVX2 {
      variables.append(("OPENBLAS_CORETYPE", "Haswell"))
    }
    let unset = variables.filter { getenv($0.0) == nil }
    for (variable, value) in unset { setenv(variable, value, 1) }
    defer { for (variable, _) in unset { unsetenv(variable) } }
    return dlopen(name, RTLD_NOW | RTLD_LOCAL)
  }

  private static func coreName(_ handle: UnsafeMutableRawPointer) -> String? {
    typealias CoreName = @convention(c) () -> UnsafePointer<CChar>?
    guard let symbol = dlsym(handle, "openblas_get_corename") else { return nil }
    return unsafeBitCast(symbol, to: CoreName.self)().map { String(cString: $0) }
  }

  private static func useOneThread(_ handle: UnsafeMutableRawPointer) {
    typealias SetThreads = @convention(c) (CInt) -> Void
    for name in ["openblas_set_num_threads", "bli_thread_set_num_threads", "MKL_Set_Num_Threads"] {
      guard let symbol = dlsym(handle, name) else { continue }
      unsafeBitCast(symbol, to: SetThreads.self)(1)
    }
  }
}

/// An environment variable that is set and not empty.
package func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
