package import SaraiConfiguration
package import SaraiCore

extension RequestLimits {
    /// Holds a request against the limits, before anything is done for it.
    ///
    /// - Returns: the request, with the limit of tokens if it had none.
    /// - Throws: ``SaraiCore/PoolError`` with `invalidRequest`, which names the limit and its key.
    package func checked(_ request: GenerationRequest) throws(PoolError) -> GenerationRequest {
        if case .chat(let messages) = request.prompt, messages.count > maxMessages {
            throw PoolError(
                .invalidRequest,
                "messages: \(messages.count) are more than this Sarai takes, \(maxMessages) (server.max_messages)")
        }
        if let tokens = request.sampling.maxTokens, let maxOutputTokens, tokens > maxOutputTokens {
            throw PoolError(
                .invalidRequest,
                "max_tokens: \(tokens) are more than this Sarai generates, \(maxOutputTokens) (server.max_output_tokens)"
            )
        }
        for (index, media) in request.media.enumerated() where media.kind == .image {
            try check(media, number: index)
        }
        var request = request
        request.sampling.maxTokens = request.sampling.maxTokens ?? maxOutputTokens
        return request
    }

    private func check(_ image: Media, number: Int) throws(PoolError) {
        guard let size = image.imageSize else {
            throw PoolError(
                .invalidRequest,
                "picture \(number + 1): damaged, the \(image.format.rawValue) file does not say its size")
        }
        guard size.pixels <= maxImagePixels else {
            throw PoolError(
                .tooLarge,
                "picture \(number + 1): \(size.width) × \(size.height) pixels are more than this Sarai takes, "
                    + "\(maxImagePixels) (server.max_image_pixels); send it smaller")
        }
    }
}
