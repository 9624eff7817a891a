"""How a model is asked for JSON where its vendor cannot hold it to a schema; the demo model knows these words."""

ASK = "Answer with JSON alone: no words around it, no code block. It must follow this JSON schema:\n"
