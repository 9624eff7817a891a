"""`python -m llm_service.fakes --port 0`: serve until the process is ended."""

import argparse
import asyncio
import sys

from llm_service.fakes.server import FakeServer, serve


async def main(port: int) -> None:
    server = FakeServer()
    await serve(server, port)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A scripted model server.")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(main(parser.parse_args().port))
