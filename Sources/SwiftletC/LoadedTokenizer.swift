import CSwiftlet
import Swiftlet
import SwiftletTokenizer

/// The object of a tokenizer handle.
final class LoadedTokenizer: Sendable {
  let tokenizer: Tokenizer

  init(_ tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
  }

  init(directory: UnsafePointer<CChar>?) throws(Failure) {
    let directory = try InputText.string(directory, name: "directory")
    let location: ModelLocation
    do throws(SwiftletError) {
      location = try ModelLocation(directory)
    } catch {
      throw Failure(error)
    }
    do throws(TokenizerError) {
      tokenizer = try Tokenizer(directory: location.directory)
    } catch {
      throw Failure(error)
    }
  }
}

extension EncodingOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_tokenization_options>?) throws(Failure) {
    var options = swiftlet_tokenization_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 16, name: "swiftlet_tokenization_options")
    try OptionStruct.checkReserved(options.reserved == (0, 0, 0))
    self.init(
      maxLength: options.max_length == 0 ? nil : Int(options.max_length),
      addSpecialTokens: try OptionStruct.choice(
        Int32(options.no_special_tokens), of: [true, false], name: "no_special_tokens"))
  }
}
