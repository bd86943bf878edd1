"""One simulated day at the demo business: tasks are written down, and most that are due get done."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from carteira.customers.demo import INVENTED
from carteira.customers.models import Customer
from carteira.tasks.add import add_task
from carteira.tasks.assignees import assignees
from carteira.tasks.demo import LEAD, OWES, WORDS
from carteira.tasks.finish import finish_task
from carteira.tasks.models import OPEN, Task


def work_off(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Whoever fell behind yesterday or asked yesterday is to be called. What a visitor wrote down stays the visitor's."""
    today = account.today(now)
    yesterday = today - timedelta(days=1)
    for task in Task.objects.filter(OPEN, what__in=WORDS, due_on__lte=today).order_by("due_on", "id"):
        if random.random() < 0.6:
            finish_task(task, by=task.assignee or by, now=now)
    people = [None, *assignees(account)]
    living = Customer.objects.filter(INVENTED, archived_on=None, tasks=None).order_by("number")
    for words, customers in (
        (OWES, living.filter(oldest_due_on=yesterday)),
        (LEAD, living.filter(registered_on=yesterday)),
    ):
        for customer in customers[:2]:
            person = random.choice(people)
            add_task(
                customer,
                what=random.choice(words),
                due_on=today + timedelta(days=random.randint(0, 5)),
                assignee_id=person and person.pk,
                by=by,
                now=now,
            )
