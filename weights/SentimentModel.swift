public import Swiftlet

/// The models that come with Swiftlet.
public enum BundledModel {
  /// The variable that names the folder of the sentiment model, or the folder that holds it.
  ///
  /// No other place is looked at while it is set.
  public static let folderVariable = "SWIFTLET_WEIGHTS"

  /// The folder of the sentiment model: a DistilBERT checkpoint of 22.7 million parameters for
  /// English, with the labels NEGATIVE and POSITIVE. Its card is the README.md there.
  ///
  /// The first that exists of: the folder in the variable `SWIFTLET_WEIGHTS`; beside the program, the
  /// folder of resources that SwiftPM builds, a folder `sentiment`, and `share/swiftlet/models` of the
  /// prefix that the program is installed in; the same places beside the shared library with this
  /// code; the folder that the program was built from.
  ///
  /// - Throws: ``SwiftletError/missingFile(reason:)`` with the places that were looked at.
  public static func sentimentDirectory() throws(SwiftletError) -> String {
    try ResourceSearch(name: "sentiment", variable: folderVariable).directory()
  }
}

extension Classifier {
  /// The bundled sentiment model: NEGATIVE or POSITIVE, for English.
  ///
  /// - Throws: ``SwiftletError``, as ``Classifier/init(directory:options:)``.
  public static func sentiment(
    options: ModelOptions = ModelOptions()
  ) throws(SwiftletError) -> Classifier {
    try Classifier(directory: BundledModel.sentimentDirectory(), options: options)
  }
}
