"""Invented people, companies and places for the demo business: common words of Brazil, put together by chance."""

from random import Random


def _listed(text: str, between: str = " ") -> list[str]:
    return text.split(between)


WOMEN = _listed(
    "Adriana Alice Amanda Ana Andréia Beatriz Bianca Bruna Camila Carla Carolina Cecília Clara Cláudia Cristiane"
    " Daniela Débora Denise Eduarda Elaine Eliane Fabiana Fernanda Flávia Gabriela Giovana Helena Heloísa Inês Isabela"
    " Isadora Jéssica Joana Juliana Júlia Laís Larissa Laura Letícia Lívia Luana Luciana Luísa Manuela Márcia Mariana"
    " Marina Natália Patrícia Priscila Rafaela Raquel Renata Roberta Rosângela Sabrina Sofia Tatiana Valentina Vanessa"
    " Vitória Viviane Yasmin"
)
MEN = _listed(
    "Alexandre Anderson André Antônio Arthur Augusto Bernardo Breno Bruno Caetano Carlos César Daniel Davi Diego"
    " Eduardo Elias Enzo Fábio Felipe Fernando Francisco Gabriel Guilherme Gustavo Heitor Henrique Hugo Igor Ivan João"
    " Joaquim Jorge José Leandro Leonardo Lorenzo Lucas Luís Marcelo Marcos Mateus Maurício Miguel Murilo Nelson"
    " Otávio Paulo Pedro Rafael Raul Renato Ricardo Roberto Rodrigo Samuel Sérgio Thiago Vicente Vinícius Wagner Wesley"
)
SECOND = {
    "Ana": _listed("Beatriz Carolina Clara Júlia Laura Luísa Paula"),
    "Maria": _listed("Alice Cecília Clara Eduarda Fernanda Luísa"),
    "João": _listed("Gabriel Miguel Paulo Pedro Vítor"),
    "José": _listed("Augusto Carlos Henrique Roberto"),
    "Luís": _listed("Felipe Fernando Gustavo Otávio"),
    "Pedro": _listed("Augusto Henrique Lucas"),
}
SURNAMES = _listed(
    "Almeida;Alves;Amaral;Andrade;de Araújo;de Assis;Azevedo;Barbosa;Barros;Batista;Bezerra;Borges;Braga;Brito;Campos;"
    "Cardoso;de Carvalho;de Castro;Cavalcanti;Coelho;Correia;da Costa;da Cruz;da Cunha;Dantas;Dias;Duarte;Esteves;"
    "Farias;Fernandes;Ferreira;da Fonseca;de Freitas;Furtado;Gomes;Gonçalves;Guimarães;Lacerda;Leite;de Lima;Lopes;"
    "Macedo;Machado;Magalhães;Martins;Medeiros;de Melo;Mendes;Miranda;Monteiro;de Moraes;Moreira;Moura;do Nascimento;"
    "Neves;Nogueira;Novaes;de Oliveira;Pacheco;Paiva;Peixoto;Pereira;Pinheiro;Pinto;Pires;Prado;Queiroz;Ramos;Rangel;"
    "dos Reis;Resende;Ribeiro;da Rocha;Rodrigues;Sales;Sampaio;Santana;dos Santos;da Silva;da Silveira;Siqueira;Soares;"
    "de Souza;Tavares;Teixeira;Toledo;Torres;Vasconcelos;Vaz;Viana;Vieira;Xavier",
    ";",
)
BUSINESSES = _listed(
    "Padaria;Mercado;Farmácia;Clínica;Academia;Construtora;Transportadora;Metalúrgica;Gráfica;Papelaria;Livraria;"
    "Restaurante;Confeitaria;Floricultura;Imobiliária;Oficina;Marcenaria;Agropecuária;Lavanderia;Ótica;Hotel;Laboratório",
    ";",
)
CALLED = _listed(
    "Bela Vista;Boa Esperança;Bom Jesus;Cruzeiro;Estrela do Sul;Horizonte;Ipê Amarelo;Jacarandá;Lua Nova;Mantiqueira;"
    "Monte Alto;Nova Era;Pampulha;Pérola;Primavera;Recanto Verde;Santa Clara;São Jorge;Serra Azul;Três Irmãos;"
    "Vale Verde;Vitória Régia",
    ";",
)
FORMS = ("Ltda.", "Ltda.", "Ltda.", "EIRELI", "S.A.", "ME")
# City, state, area code, and how many of a hundred live there: a school in Campinas with courses at a distance.
PLACES = (
    *(
        ("Campinas", "SP", "19", 34),
        ("Valinhos", "SP", "19", 6),
        ("Sumaré", "SP", "19", 4),
        ("Paulínia", "SP", "19", 4),
    ),
    *(
        ("Jundiaí", "SP", "11", 4),
        ("São Paulo", "SP", "11", 12),
        ("Santos", "SP", "13", 2),
        ("Sorocaba", "SP", "15", 3),
    ),
    *(("Ribeirão Preto", "SP", "16", 2), ("Rio de Janeiro", "RJ", "21", 5), ("Niterói", "RJ", "21", 2)),
    *(("Belo Horizonte", "MG", "31", 4), ("Uberlândia", "MG", "34", 2), ("Curitiba", "PR", "41", 3)),
    *(("Florianópolis", "SC", "48", 2), ("Porto Alegre", "RS", "51", 2), ("Brasília", "DF", "61", 2)),
    *(("Goiânia", "GO", "62", 1), ("Salvador", "BA", "71", 2), ("Recife", "PE", "81", 2), ("Fortaleza", "CE", "85", 2)),
)


def person(random: Random) -> str:
    """A full name: one or two given names, one or two surnames with their particles."""
    given = random.choice(random.choice((WOMEN, MEN)))
    if random.random() < 0.06:
        given = "Maria"
    if given in SECOND and (given == "Maria" or random.random() < 0.6):
        given = f"{given} {random.choice(SECOND[given])}"
    surnames = random.sample(SURNAMES, 2 if random.random() < 0.55 else 1)
    suffix = random.choice((" Filho", " Neto", " Júnior")) if len(surnames) == 2 and random.random() < 0.04 else ""
    return f"{given} {' '.join(surnames)}{suffix}"


def company(random: Random) -> str:
    """What a customer with a CNPJ is called: after its trade, its partners or a name of fancy."""
    kind = random.random()
    if kind < 0.2:
        first, second = random.sample([name for name in SURNAMES if " " not in name], 2)
        return f"{first} & {second} {random.choice(('Advogados', 'Contabilidade', 'Engenharia', 'Arquitetura'))}"
    return f"{random.choice(BUSINESSES)} {random.choice(CALLED)} {random.choice(FORMS)}"
