"""The API's furniture, without a domain word: endpoints, parameters, problems, formats, page keys, ETags."""
