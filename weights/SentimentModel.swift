import Foundation
public import Swiftlet

/// The models that come with Swiftlet.
public enum BundledModel {
  /// Where the sentiment model lies: a DistilBERT checkpoint of 22.7 million parameters for English,
  /// with the labels NEGATIVE and POSITIVE. Its card is the README.md there.
  ///
  /// - Throws: ``SwiftletError/missingFile(reason:)`` if the resources of the program are not where
  ///   it was built or installed.
  public static func sentimentDirectory() throws(SwiftletError) -> String {
    guard let path = Bundle.module.resourceURL?.appendingPathComponent("sentiment").path,
      FileManager.default.fileExists(atPath: path)
    else {
      throw .missingFile(
        reason: "the bundled model is not beside the program: copy the folder "
          + "Swiftlet_SwiftletWeights.resources from where it was built")
    }
    return path
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
