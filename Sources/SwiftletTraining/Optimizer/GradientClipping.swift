/// The norm of all gradients, and the factor that limits it: torch's `clip_grad_norm_`.
package struct GradientClipping: Sendable, Equatable {
  /// The norm before clipping. It is not finite if a gradient is not, and the step must not be
  /// taken then.
  package let norm: Double
  /// min(1, limit / (norm + 1e-6)), to multiply every gradient by; 1 without a limit.
  package let coefficient: Float

  package var isFinite: Bool { norm.isFinite }

  /// - Parameters:
  ///   - squaredNorms: Σ g² of each trained tensor, always in the same order.
  ///   - limit: the largest norm; 0 or nil doesn't clip.
  package init(squaredNorms: [Double], limit: Double?) {
    norm = squaredNorms.reduce(0, +).squareRoot()
    if let limit, limit > 0 {
      coefficient = Float(min(1, limit / (norm + 1e-6)))
    } else {
      coefficient = 1
    }
  }
}
