"""Tasks of the demo business: whom to call about what, late, today, soon, and done."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from carteira.core.events.record_past import record_past
from carteira.customers.demo import moment
from carteira.customers.models import Customer
from carteira.tasks.add import ADDED
from carteira.tasks.assignees import assignees
from carteira.tasks.finish import DONE
from carteira.tasks.models import Task

OWES = ("Ligar de novo sobre a fatura vencida", "Combinar nova data de pagamento", "Mandar segunda via do boleto")
LEAD = ("Ligar para saber se gostou da aula experimental", "Enviar tabela de preços", "Convidar para a aula aberta")
_ANY = ("Confirmar troca de horário", "Pedir o comprovante de endereço", "Dar parabéns pelo aniversário")
_BACK = ("Convidar para voltar no próximo semestre", "Perguntar por que parou")
# What the demo itself wrote down, rather than a visitor.
WORDS = (*OWES, *LEAD, *_ANY, *_BACK)


def add_tasks(account: Any, by: Any, random: Random, now: datetime) -> None:
    """About forty open ones around today and sixty done ones of the last two months."""
    today = account.today(now)
    people = [None, *assignees(account)]
    living = Customer.objects.filter(archived_on=None).order_by("number")
    groups = (
        (OWES, list(living.filter(oldest_due_on__lt=today)), 14),
        (LEAD, list(living.filter(first_paid_on=None)), 12),
        (_BACK, list(living.filter(last_paid_on__lt=today - timedelta(days=60))), 6),
        (_ANY, list(living.filter(last_paid_on__gte=today - timedelta(days=60))), 8),
    )
    tasks = []
    for words, customers, count in groups:
        for customer in random.sample(customers, min(count, len(customers))):
            due_on = today + timedelta(days=random.choice((-6, -2, -1, 0, 0, 0, 1, 2, 3, 5, 8, 13, 21)))
            written = min(due_on, today) - timedelta(days=random.randint(1, 12))
            tasks.append(_task(account, customer, random, now, words, people, written, due_on))
        for customer in random.sample(customers, min(count + 2, len(customers))):
            due_on = today - timedelta(days=random.randint(1, 60))
            written = due_on - timedelta(days=random.randint(1, 10))
            task = _task(account, customer, random, now, words, people, written, due_on)
            task.done_on = due_on + timedelta(days=random.choice((0, 0, 0, 1)))
            tasks.append(task)
    Task.objects.bulk_create(tasks)
    record_past(
        [ADDED, DONE],
        """SELECT %(added)s AS kind, created_at AS at, customer_id, id AS subject_id,
            jsonb_build_object('due_on', due_on) AS what, jsonb_build_object('task', what) AS personal
            FROM tasks_task WHERE account_id = %(account)s
        UNION ALL
        SELECT %(done)s, least(created_at + (done_on - due_on + 1) * interval '1 day', %(now)s), customer_id, id,
            jsonb_build_object('due_on', due_on), jsonb_build_object('task', what) FROM tasks_task
            WHERE account_id = %(account)s AND done_on IS NOT NULL""",
        {"added": ADDED, "done": DONE, "account": account.pk, "now": now},
        by=by,
        personal=True,
    )


def _task(
    account: Any,
    customer: Customer,
    random: Random,
    now: datetime,
    words: tuple[str, ...],
    people: list[Any],
    written: date,
    due_on: date,
) -> Task:
    return Task(
        account=account,
        customer=customer,
        what=random.choice(words),
        due_on=due_on,
        assignee=random.choice(people),
        created_at=moment(account, max(written, customer.counted_from), random, now),
    )
