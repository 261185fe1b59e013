import SwiftletSafetensors

/// Checkpoints whose linear layers are stored as int8, packed as the products read them, the same
/// bytes on every CPU; `docs/quantized-format.md` describes them.
package enum QuantizedFormat {
  package static let name = "swiftlet-int8"
  /// To be raised with any change that this reader would misunderstand.
  package static let version = "1"

  /// The keys of the file's metadata.
  package static let formatKey = "format"
  package static let versionKey = "format_version"

  /// Everything that is mapped and multiplied begins at a multiple of this in the file.
  package static let alignment = 64

  /// Outputs in a panel.
  package static let panelWidth = 32

  /// Whether a checkpoint is in this format, which must then be of the version that is known.
  static func isFormat(
    of checkpoint: SafetensorsCheckpoint, directory: String
  ) throws(CheckpointError) -> Bool {
    guard let metadata = checkpoint.files.first?.metadata, metadata[formatKey] == name else {
      return false
    }
    guard metadata[versionKey] == version else {
      throw .unknownFormat(path: directory, found: metadata[versionKey] ?? "none")
    }
    return true
  }

  /// The names of a linear layer's tensors.
  package struct Names {
    /// I8 [outputs / 32, inputs / 4, 32, 4], both rounded up and padded with zeros.
    package let weight: String
    /// F32 [outputs, padded]
    package let scale: String
    /// I32 [outputs, padded]: -128 Σ weights
    package let start: String
    /// F32 [outputs]
    package let bias: String

    package init(_ layer: String) {
      weight = layer + ".weight.int8"
      scale = layer + ".weight.scale"
      start = layer + ".weight.start"
      bias = layer + ".bias"
    }

    package var all: [String] { [weight, scale, start, bias] }
  }

  package static func shape(inputs: Int, outputs: Int) -> [Int] {
    [(outputs + panelWidth - 1) / panelWidth, (inputs + 3) / 4, panelWidth, 4]
  }
}
