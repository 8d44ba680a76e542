"""``scripted/ladder``: fixed programs from naive to good, written for each problem of this project.

It stands in for a language model where none can be reached: in the demonstration, in tests, as a yardstick.
"""

from heurigym.models.protocol import CallContext, Finish, ModelError, Reply, Request


class Ladder:
    """Answers attempt ``k`` with the ``k``-th program of the problem's ladder, and the last one from then on."""

    name = "scripted/ladder"
    is_script = True

    async def complete(self, request: Request, context: CallContext) -> Reply:
        """The next program, as a language model would send it.

        Raises:
            ModelError: the problem has no ladder.
        """
        programs = sorted((context.problem_folder / "ladder").glob("*.py"))
        if not programs:
            raise ModelError(f"{self.name} has no programs for {context.problem}", permanent=True)
        number = min(context.attempt, len(programs) - 1)
        source = programs[number].read_text(encoding="utf-8")
        text = f"Program {number + 1} of {len(programs)} of the scripted ladder.\n\n```python\n{source}```\n"
        return Reply(text=text, finish=Finish.STOP, served_model=self.name, cost_usd=0, price_source="free")

    async def close(self) -> None:
        """Nothing to give back."""
