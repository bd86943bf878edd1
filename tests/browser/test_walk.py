"""Issue 3's last paragraph in a real browser, three times: by mouse, by keyboard alone, and by touch on a phone.

Somebody who never saw it registers a company, finds it, edits it, bills it, sees it overdue, is refused the archive,
resolves it, archives, reactivates, takes a copy of the person's data and anonymises it. Named late: it lets days pass
in the demo that all browser tests share.
"""

import re
import zipfile

import pytest
from playwright.sync_api import expect

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
# For each hand a company of its own: name, CNPJ, and a fragment of it as somebody would type it.
COMPANIES = {
    "mouse": ("Clínica Jequitibá Ltda", "11.222.333/0001-81", "222333"),
    "keys": ("Estúdio Aroeira Ltda", "11.444.777/0001-61", "444.777"),
    "touch": ("Oficina Ipê Roxo Ltda", "45.723.174/0001-10", "723174"),
}
FIVE = (("Origem", "Feira"), ("Bairro", "Bela Vista"), ("Rua", "Rua Áurea"), ("Complemento", "Sala 4"), ("Código", ""))


class Hand:
    """Mouse or finger: it presses what it sees and writes where it pressed."""

    def __init__(self, page, kind):
        self.page, self.kind = page, kind

    def press(self, what):
        what.tap() if self.kind == "touch" else what.click()

    def write(self, where, text):
        self.press(where)
        where.fill(text)

    def choose(self, what):
        self.press(what)

    def find(self, text):
        """The list, and its own search."""
        self.press(self.page.locator(".crumbs").get_by_role("link", name="Clientes", exact=True))
        self.write(self.page.locator("main input[name=q]"), text)
        self.page.wait_for_url("**q=*")
        self.press(self.page.locator("main table a.row-link"))


class Keys(Hand):
    """The keyboard alone: Tab until it is there, Enter, and the keys the pages tell of."""

    def reach(self, what):
        expect(what).to_be_visible()
        for _nth in range(120):
            if what.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.matches('.skip-link')"):
                self.page.keyboard.press("Enter")
        raise AssertionError(f"Tab does not lead to {what}")

    def press(self, what):
        self.reach(what)
        self.page.keyboard.press("Enter")

    def write(self, where, text):
        self.reach(where)
        if where.get_attribute("type") == "date":
            where.fill(text)  # the order in which a date is typed is the browser's own
        else:
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(text)

    def choose(self, what):
        """A radio button: Tab leads to the chosen one, arrows to the others."""
        name = what.get_attribute("name")
        self.reach(self.page.locator(f"input[name={name}]:checked"))
        self.page.keyboard.press("ArrowDown")
        expect(what).to_be_checked()

    def find(self, text):
        """The search on top, from any page."""
        self.page.keyboard.press("Escape")
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.press("/")
        self.page.keyboard.type(text)
        self.page.locator(".search-list [role=option]").first.wait_for()
        self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")


@pytest.mark.parametrize("kind", COMPANIES)
def test_a_company_from_its_first_day_to_its_last(open_page, program, kind, tmp_path):
    """Rows S0-03 to S0-05, S0-11, S1-01, S1-07, S2-08 to S2-13, S2-31, N1, N2, N7."""
    page = open_page(width=390 if kind == "touch" else 1280)
    hand = (Keys if kind == "keys" else Hand)(page, kind)
    name, document, fragment = COMPANIES[kind]
    main = page.locator("main")

    page.goto("/aurora/customers/")
    register(hand, page, name, document)
    add_contact(hand, page, "Marta Quintela", "Financeiro")
    add_contact(hand, page, "Otávio Brandão", "Diretoria")
    hand.find(fragment)
    expect(page.locator("#card-name")).to_have_text(name)

    hand.press(tab(page, "Dados"))
    for label, text in FIVE:
        text = text or f"W-{kind}"
        field = page.get_by_label(label, exact=True).first
        hand.write(field, text)
        field.press("Tab")
        expect(page.locator(f"form:has(input[name=was][value='{text}']) .saved")).to_be_visible()

    bill_and_pay_half(hand, page)
    assert program.run("demo", "--advance", "6d").returncode == 0
    page.reload()
    expect(main).to_contain_text("Inadimplente")
    expect(main).to_contain_text("1 fatura em atraso: R$ 600,00")

    hand.press(main.get_by_role("link", name="Arquivar", exact=True))
    expect(main).to_contain_text("Resolva primeiro o que está em aberto")
    expect(main).to_contain_text("R$ 600,00")
    expect(main.get_by_role("button", name="Arquivar", exact=True)).to_be_disabled()
    hand.press(main.get_by_role("button", name=re.compile("^Paga hoje")))
    expect(main).not_to_contain_text("Resolva primeiro")
    hand.press(main.get_by_role("button", name="Arquivar", exact=True))
    expect(main).to_contain_text("Arquivado desde")

    hand.press(page.locator(".crumbs").get_by_role("link", name="Clientes", exact=True))
    if kind == "touch":
        hand.press(main.get_by_role("button", name="Mais", exact=True))
    hand.press(page.get_by_role("link", name="Clientes arquivados"))
    hand.write(page.locator("main input[name=q]"), fragment)
    page.wait_for_url("**q=*")
    hand.press(page.locator("main table a.row-link", has_text=name))
    hand.press(main.get_by_role("button", name="Reativar"))
    expect(main.get_by_role("link", name="Arquivar", exact=True)).to_be_visible()
    expect(main).not_to_contain_text("Arquivado desde")

    copy_and_anonymise(hand, page, name, tmp_path / "person.zip")
    page.goto(f"/aurora/customers/?q={fragment}")
    expect(main).to_contain_text("Ninguém encontrado")


def tab(page, label):
    return page.get_by_role("navigation", name="Partes desta ficha").get_by_role("link", name=label, exact=True)


def register(hand, page, name, document):
    hand.press(page.get_by_role("link", name="Novo cliente"))
    hand.write(page.get_by_label("Nome", exact=True), name)
    hand.choose(page.get_by_role("radio", name="Empresa"))
    hand.write(page.get_by_label("CPF / CNPJ"), document)
    hand.press(page.get_by_role("button", name="Cadastrar", exact=True))
    expect(page.locator("#card-name")).to_have_text(name)
    hand.press(tab(page, "Dados"))


def add_contact(hand, page, name, role):
    part = page.locator("#contacts")
    hand.press(part.locator("summary"))
    form = part.locator("details form")
    hand.write(form.get_by_label(re.compile("^Nome")), name)
    hand.write(form.get_by_label("Função"), role)
    hand.press(form.get_by_role("button", name="Adicionar", exact=True))
    expect(part.locator(f"input[value='{name}']").first).to_be_attached()


def bill_and_pay_half(hand, page):
    """R$ 1.200,00 due today, and half of it paid."""
    hand.press(tab(page, "Pagamentos"))
    hand.press(page.get_by_role("link", name="Fatura avulsa"))
    hand.write(page.get_by_label("Valor"), "1.200,00")
    hand.write(page.get_by_label("Vencimento"), page.get_by_label("Emissão").input_value())
    hand.write(page.get_by_label("Descrição"), "Consultoria")
    hand.press(page.get_by_role("button", name="Gerar fatura"))
    expect(page.locator("main dl.figures").first).to_contain_text("R$ 1.200,00")
    hand.press(tab(page, "Pagamentos"))
    hand.press(page.get_by_role("link", name="Registrar pagamento"))
    hand.write(page.get_by_label("Valor"), "600,00")
    hand.press(page.get_by_role("button", name="Registrar pagamento"))
    expect(page.locator("main dl.figures").first).to_contain_text("R$ 600,00")


def copy_and_anonymise(hand, page, name, to):
    hand.press(page.get_by_role("button", name="Mais", exact=True))
    hand.press(page.get_by_role("link", name="Dados pessoais"))
    hand.press(page.get_by_role("button", name="Fazer uma cópia"))
    link = page.get_by_role("link", name=re.compile("^Baixar"))
    link.wait_for(timeout=60_000)
    with page.expect_download() as coming:
        hand.press(link)
    coming.value.save_as(to)
    with zipfile.ZipFile(to) as copy:
        assert name in copy.read("data.json").decode()
        assert "Marta Quintela" in copy.read("data.json").decode()
    hand.press(page.get_by_role("link", name="Anonimizar…"))
    hand.write(page.get_by_label("Escreva o nome do cliente para confirmar"), name)
    hand.press(page.get_by_role("button", name="Anonimizar de vez"))
    expect(page.locator("main")).to_contain_text("Não resta nada desta pessoa.", timeout=60_000)
    expect(page.locator("main")).not_to_contain_text(name)
